import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { extract } from "tar-stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readSecrets } from "../../../../cluster/describe/read.ts";
import { makeBundle } from "../../../../cluster/operate/bundle.ts";
import { QUESTIONS } from "../../../../cluster/operate/bundle-questions.ts";
import { redactor } from "../../../../cluster/operate/redact.ts";
import { deriveKey } from "../../../../core/node/derive.ts";
import { type Lab, startLab, statusOf } from "../support/lab.ts";
import { withSshd } from "../support/servers.ts";
import { standIn } from "../support/sshd.ts";

withSshd("bundle", () => {
	let lab: Lab;
	beforeAll(async () => {
		lab = await startLab(["c1", "n1"], ["n2"]);
	});
	afterAll(async () => lab[Symbol.asyncDispose]());

	async function bundled(): Promise<{ files: Map<string, string>; nodes: unknown; mode: number }> {
		const reached = await lab.open();
		const out = join(lab.dir, "out.tar.gz");
		const redact = redactor(await readSecrets(lab.dir), lab.id);
		const nodes = await makeBundle(reached, { out, redact, now: new Date("2026-11-22T10:00:00Z") });
		return { files: await untar(gunzipSync(await readFile(out))), nodes, mode: (await stat(out)).mode & 0o777 };
	}

	it("holds what nodes say, why others do not, and none of the secrets", async () => {
		const key = deriveKey(lab.master, lab.id, "serf", 1).toString("base64");
		await standIn(lab.sshds.c1!, "clusteros-agent", `[ "$1" = status ] && echo '${statusOf("c1")}'`);
		await standIn(lab.sshds.c1!, "journalctl", `echo "serf: encrypt ${key}"; echo "journal of c1"`);
		// A node that dies while it answers.
		await standIn(lab.sshds.n1!, "clusteros-agent", "echo said first");
		await standIn(lab.sshds.n1!, "journalctl", "sleep 0.5; kill -KILL $(ps -o ppid= -p $PPID)");
		const { files, nodes, mode } = await bundled();
		expect(mode).toBe(0o600);
		const root = "lab-2026-11-22-10-00-00";
		expect(files.get(`${root}/c1/journal.txt`)).toBe("serf: encrypt [redacted: serf key 1]\njournal of c1\n");
		expect(JSON.parse(files.get(`${root}/c1/status.json`)!)).toMatchObject({ name: "c1" });
		expect(files.get(`${root}/n1/explain.txt`)).toBe("said first\n");
		expect(files.get(`${root}/n1/NOT-REACHED.txt`)).toMatch(/^n1 cannot be reached: the connection broke/);
		expect(files.get(`${root}/n2/NOT-REACHED.txt`)).toMatch(/^n2 cannot be reached: nobody answers/);
		expect(files.get(`${root}/cluster.toml`)).toContain('name = "lab"');
		expect(nodes).toMatchObject([{ name: "c1" }, { name: "n1" }, { name: "n2", problem: expect.any(String) }]);
		const all = [...files].flat().join("\n");
		const secrets = await readFile(join(lab.dir, "secrets.toml"), "utf8");
		for (const [, secret] of secrets.matchAll(/"([^"]{24,})"|^([A-Za-z0-9+/]{60,})$/gm))
			if (secret) expect(all).not.toContain(secret);
		expect(all).not.toContain(key);
		expect([...files.keys()].some((name) => name.includes("secrets"))).toBe(false);
	});

	it("asks of k3s only where that is", async () => {
		const { files } = await bundled();
		expect([...files.keys()].filter((name) => name.includes("k3s"))).toEqual([]);
		const questions = new Map(QUESTIONS.map(({ file, script }) => [file, script]));
		expect(questions.get("k3s-journal.txt")).toMatch(
			/^\[ -x \S+ \] && journalctl .*--unit=k3s-server\.service --unit=k3s-agent\.service$/,
		);
		expect(questions.get("k3s-objects.txt")).toMatch(
			/^\[ -f \S+ \] && \S+kubectl \S+ get nodes,pods --all-namespaces --output=wide$/,
		);
		// What holds a token or a registry's password is read by none of them.
		for (const [, script] of questions) expect(script).not.toMatch(/registries|\/token|passwd|\/tls|cat .*k3s\.yaml/);
	});

	it("takes consoles of machines from this side, dead or not", async () => {
		await writeFile(join(lab.sshds.n1!.dir, "serial.log"), "Kernel panic");
		const reached = await lab.open();
		const machine = { dir: lab.sshds.n1!.dir } as never;
		const nodes = reached.nodes.map((node) => (node.name === "n2" ? { ...node, machine } : node));
		const out = join(lab.dir, "out.tar.gz");
		await makeBundle({ ...reached, nodes }, { out, redact: (text) => text, now: new Date("2026-11-22T10:00:00Z") });
		const files = await untar(gunzipSync(await readFile(out)));
		expect(files.get("lab-2026-11-22-10-00-00/n2/serial.log")).toBe("Kernel panic");
	});
});

async function untar(bytes: Buffer): Promise<Map<string, string>> {
	const files = new Map<string, string>();
	const reader = extract();
	reader.end(bytes);
	for await (const entry of reader) {
		const chunks: Buffer[] = [];
		for await (const chunk of entry) chunks.push(chunk as Buffer);
		files.set(entry.header.name, Buffer.concat(chunks).toString());
	}
	return files;
}
