import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { readCluster, readSecrets } from "../../cluster/describe/read.ts";
import { run } from "../../core/process/run.ts";
import { patience } from "../../qemu/emulation.ts";
import { ByteSearch } from "./byte-search.ts";
import { clusteros, mustClusteros } from "./clusteros.ts";
import { type Ask, startLongJob, wholeOutput } from "./long-job.ts";
import { type Metal, seedPartition, startMetal, untilReady } from "./metal.ts";
import { secretsOfCluster } from "./secret-values.ts";

/**
 * The same words on metal: two machines that `up` knows nothing of, flashed with dd, their seeds put there by hand. Everything is
 * asked through the program, as a person does.
 */

let metal: Metal;

beforeAll(async () => {
	metal = await startMetal(inject("image"));
	await untilReady(metal);
});
afterAll(() => metal?.[Symbol.asyncDispose]());

interface Ran {
	readonly name: string;
	readonly exitCode: number;
	readonly stdout: string;
}

async function exec(nodes: string, argv: readonly string[], ...options: readonly string[]): Promise<Ran[]> {
	const { stdout } = await mustClusteros("exec", metal.dir, nodes, "--json", ...options, "--", ...argv);
	return JSON.parse(stdout).nodes;
}

const ask: Ask = async (node, argv, user) => (await exec(node, argv, ...(user ? ["--user", user] : [])))[0]!.stdout;

describe("two machines of metal, reached by ssh alone", () => {
	it("are ready, with no test cluster in their folder", async () => {
		expect(await readdir(join(metal.dir, ".clusteros"))).not.toContain("state.json");
		const { stdout } = await mustClusteros("status", metal.dir, "--json");
		const { nodes } = JSON.parse(stdout);
		expect(nodes).toMatchObject([
			{ name: "c1", mesh: "10.90.0.1", status: { name: "c1", state: "ready", members: [{ name: "n1", alive: true }] } },
			{ name: "n1", mesh: "10.90.0.2", status: { name: "n1", state: "ready", members: [{ name: "c1", alive: true }] } },
		]);
	});

	it("have found each other by mDNS, on a cable without DHCP", async () => {
		for (const { stdout } of await exec("all", ["cat", "/etc/clusteros/cluster.json"]))
			expect(JSON.parse(stdout).meet).toEqual([]);
		for (const { stdout } of await exec("all", ["cat", "/etc/clusteros/serf.json"], "--root")) {
			const serf = JSON.parse(stdout);
			expect(serf).toMatchObject({ discover: "site", bind: expect.stringMatching(/^169\.254\./) });
			expect(serf).not.toHaveProperty("retry_join");
		}
	});

	it("run from disks that have grown, started by their own firmware", async () => {
		const sizes = await exec("all", ["findmnt", "--noheadings", "--bytes", "--output=SIZE", "/"]);
		expect(sizes.map(({ stdout }) => Number(stdout) > 4e9)).toEqual([true, true]);
		for (const { stdout } of await exec("all", ["cat", "/proc/cmdline"])) expect(stdout).toContain("BOOT_IMAGE=");
	});

	it("have their known host keys kept in the cluster's folder", async () => {
		const known = await readFile(join(metal.dir, "known_hosts"), "utf8");
		expect(
			known
				.trim()
				.split("\n")
				.map((line) => line.split(" ")[0]!.split("-").at(-1))
				.toSorted(),
		).toEqual(["c1", "n1"]);
	});

	it("take files and give them back", async () => {
		const [there, back] = [join(metal.dir, "there"), join(metal.dir, "back")];
		await writeFile(there, "to metal\n");
		await mustClusteros("cp", metal.dir, there, "all:/tmp/there");
		expect((await exec("all", ["cat", "/tmp/there"])).map(({ stdout }) => stdout.trim())).toEqual(["to metal", "to metal"]);
		await mustClusteros("cp", metal.dir, "n1:/tmp/there", back);
		expect(await readFile(back, "utf8")).toBe("to metal\n");
	});

	it("show their journals; a console log they have none of, and that is said", async () => {
		const { stdout } = await mustClusteros("logs", metal.dir, "n1", "-u", "clusteros-agent");
		expect(stdout).toContain("state=ready");
		const serial = await clusteros("logs", metal.dir, "n1", "--serial");
		expect(serial).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("leave out --serial") });
	});

	it("give a bundle", async () => {
		const out = join(metal.dir, "bundle.tar.gz");
		const { stdout } = await mustClusteros("bundle", metal.dir, "--out", out, "--json");
		expect(JSON.parse(stdout).nodes).toEqual([{ name: "c1" }, { name: "n1" }]);
		const { stdout: listing } = await run(["tar", "-tzf", out], { doing: "listing the bundle" });
		const names = listing
			.trim()
			.split("\n")
			.map((name) => name.split("/").slice(1).join("/"));
		expect(names).toEqual(expect.arrayContaining(["bundle.json", "c1/journal.txt", "n1/journal.txt", "n1/status.json"]));
	});

	it("hold no secret on their seed partitions any more", async () => {
		const { cluster } = await readCluster(metal.dir);
		const search = new ByteSearch(secretsOfCluster(await readSecrets(metal.dir), cluster.id));
		expect((await search.inFile(join(metal.dir, "secrets.toml"))).size).toBeGreaterThan(0);
		for (const { disk } of metal.computers) {
			const { start, size } = await seedPartition(disk);
			expect([...(await search.inFile(disk, start, size))]).toEqual([]);
		}
		// They are on the disks all right: in the nodes' own files.
		expect([...(await search.inFile(metal.computers[1]!.disk))]).toContain("munge 1");
	});

	it("move to new keys while a job runs", async () => {
		const nodes = ["c1", "n1"];
		const job = await startLongJob(ask, "c1", nodes, patience(20, metal.accel));
		const { stdout } = await mustClusteros("rotate", metal.dir, "--json");
		expect(JSON.parse(stdout)).toMatchObject({
			moved: nodes,
			left: [],
			strangers: [],
			generation: { serf: 2, munge: 2, announce: 2 },
		});
		expect(await job.state()).toBe("RUNNING");
		const { record, printed } = await job.end();
		expect(record).toMatch(/JobState=COMPLETED .*Restarts=0 .*ExitCode=0:0/);
		expect(printed.toSorted()).toEqual(wholeOutput(nodes));
		await untilReady(metal);
	});

	it("pass every check that two nodes can pass", async () => {
		const { stdout, exitCode } = await clusteros("test", metal.dir, "--no-reboot", "--json");
		const { checks, ...totals } = JSON.parse(stdout);
		expect(checks.filter(({ status }: { status: string }) => status === "failed")).toEqual([]);
		expect(totals).toMatchObject({ passed: 8 * 2 + 11, failed: 0, skipped: 2 });
		expect(exitCode).toBe(0);
	});
});
