import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Link } from "../../../../cluster/reach/types.ts";
import { Unreachable } from "../../../../cluster/reach/unreachable.ts";
import { poll } from "../../../../core/deadline.ts";
import { Interrupted, ToolError } from "../../../../core/errors.ts";
import { createKey } from "../../../../core/ssh/key.ts";
import { closeSsh } from "../../../../core/ssh/ssh.ts";
import { type Lab, startLab } from "../support/lab.ts";
import { withSshd } from "../support/servers.ts";
import { written } from "../support/sshd.ts";

withSshd("a link over ssh", () => {
	let lab: Lab;
	let n1: Link;
	beforeAll(async () => {
		lab = await startLab(["c1", "n1"], ["n2"]);
		n1 = (await lab.open()).link("n1");
	});
	afterAll(async () => lab[Symbol.asyncDispose]());

	const failed = async (work: Promise<unknown>) =>
		work.then(
			() => expect.fail("it did not fail"),
			(error: unknown) => error,
		);

	it("keeps words, streams and input apart, whatever they hold", async () => {
		const awkward = `a 'b' "c" $HOME \\ ; *\nsecond`;
		const { stdout, stderr } = await n1.run(["sh", "-c", 'printf %s "$1"; echo err >&2; cat', "sh", awkward], { input: "in" });
		expect(stdout).toBe(`${awkward}in`);
		expect(stderr).toBe("err");
	});

	it("tells lines as they come, and nothing of its own", async () => {
		const lines: string[] = [];
		await n1.run(["sh", "-c", "echo one; echo two >&2"], { onLine: (line, from) => lines.push(`${from} ${line}`) });
		expect(lines.sort()).toEqual(["stderr two", "stdout one"]);
	});

	it("tells a command that fails from a node that is not there", async () => {
		const error = (await failed(n1.run(["sh", "-c", "echo why >&2; exit 3"]))) as ToolError;
		expect(error).toBeInstanceOf(ToolError);
		expect(error.failure).toMatchObject({ exitCode: 3, tail: ["why"] });
		expect(error.failure.argv.at(-1)).toBe("sh -c 'echo why >&2; exit 3'");
		expect(await n1.run(["sh", "-c", "exit 255"], { ok: "any" })).toMatchObject({ exitCode: 255 });
		expect(await n1.run(["false"], { ok: [1] })).toMatchObject({ exitCode: 1 });
	});

	it("tells a connection that broke from a command that failed", async () => {
		const error = (await failed(n1.run(["sh", "-c", "sleep 0.5; kill -KILL $PPID; sleep 5"]))) as Unreachable;
		expect(error).toMatchObject({ node: "n1", obstacle: "broken" });
		expect(await n1.run(["echo", "back"])).toMatchObject({ stdout: "back" });
	});

	it("does not mind when another command gives the shared connection up, nor when it is gone", async () => {
		const slow = n1.run(["sh", "-c", "sleep 1; echo whole"]);
		await n1.run(["true"]);
		const other = await lab.open();
		other.link("n1");
		await other.close();
		expect(await slow).toMatchObject({ stdout: "whole" });
		await n1.run(["true"]);
		await closeSsh(n1.target);
		expect(await n1.run(["echo", "again"])).toMatchObject({ stdout: "again" });
	});

	it("says that nobody answers, where, and what to look at", async () => {
		const error = (await failed((await lab.open()).link("n2").run(["true"]))) as Unreachable;
		expect(error).toBeInstanceOf(Unreachable);
		expect(error).toMatchObject({ node: "n2", obstacle: "off" });
		expect(error.message).toMatch(/^n2 cannot be reached: nobody answers at 127\.0\.0\.1:9 \(.*Connection refused\)$/);
	});

	it("goes through sudo for others, in their home folder", async () => {
		await n1.run(["true"], { as: "root" });
		await n1.run(["true"], { as: "ada" });
		const calls = (await written(lab.sshds.n1!, "sudo.log")).trim().split("\n");
		expect(calls.at(-1)).toBe('-n -H -u ada -- sh -c cd; exec "$@" sh true');
		// Who logs in as root needs no sudo for root.
		expect(calls.slice(0, -1)).toEqual(process.getuid!() === 0 ? [] : ["-n -- true"]);
	});

	it.each(["signal", "timeout"])("ends what it started on the node, too: by %s", async (by) => {
		const file = join(lab.sshds.n1!.dir, `pid-${by}`);
		const stop = new AbortController();
		const running = n1.run(["sh", "-c", `echo $$ > ${file}; sleep 300; true`], {
			...(by === "signal" ? { signal: stop.signal } : { timeout: 1500 }),
		});
		const ended = failed(running);
		await poll(() => existsSync(file) || undefined, { timeout: 10_000 });
		await sleep(100);
		const pid = Number(await readFile(file, "utf8"));
		expect(isAlive(pid)).toBe(true);
		stop.abort();
		const error = await ended;
		expect(error).toBeInstanceOf(by === "signal" ? Interrupted : ToolError);
		expect(await poll(() => !isAlive(pid) || undefined, { timeout: 2000 })).toBe(true);
	});

	it("refuses a node with another host key, and says what to do", async () => {
		const before = await readFile(join(lab.dir, "known_hosts"), "utf8");
		const other = await createKey(join(lab.sshds.c1!.dir, "other"), "x");
		await writeFile(join(lab.dir, "known_hosts"), `clusteros-${lab.id.slice(0, 8)}-c1 ${other.publicKey}\n`);
		const error = (await failed((await lab.open()).link("c1").run(["true"]))) as Unreachable;
		expect(error).toMatchObject({ obstacle: "host-key" });
		expect(error.problems[0]!.fix).toMatch(/^if it was flashed again: clusteros readmit .*lab c1\n/);
		await writeFile(join(lab.dir, "known_hosts"), before);
	});

	it("keeps the first key that a machine shows, under the node's name", async () => {
		await n1.run(["true"]);
		const known = await readFile(join(lab.dir, "known_hosts"), "utf8");
		expect(known).toContain(`clusteros-${lab.id.slice(0, 8)}-n1 ${lab.sshds.n1!.hostKey}`);
	});

	it("says that its key is not let in", async () => {
		await writeFile(join(lab.sshds.c1!.dir, "authorized_keys"), "");
		const error = (await failed((await lab.open()).link("c1").run(["true"]))) as Unreachable;
		expect(error).toMatchObject({ obstacle: "refused" });
		expect(error.message).toMatch(/does not let \S+ in with the cluster's key/);
	});
});

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}
