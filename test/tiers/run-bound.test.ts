import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

type RunBound = (argv: string[], options: { cwd: string; milliseconds: number }) => Promise<{ code: number; timedOut: boolean }>;
// Plain JavaScript, since it runs before anything is installed.
const file = new URL("./run-bound.mjs", import.meta.url).href;
const { runBound } = (await import(file)) as { runBound: RunBound };

let dir: string;
beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), "bound-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const bash = (script: string, milliseconds = 20_000) => runBound(["bash", "-c", script], { cwd: dir, milliseconds });

function isAlive(pid: string): boolean {
	// A killed orphan may wait a moment as a zombie for init.
	const stat = `/proc/${pid}/stat`;
	return existsSync(stat) && !/\) [ZX] /.test(readFileSync(stat, "utf8"));
}

it("passes the exit code on", async () => {
	expect(await bash("exit 5")).toEqual({ code: 5, timedOut: false });
});

it("ends what is left behind, in its own group and in groups of its own making, and nothing else", async () => {
	const bystander = (await import("node:child_process")).spawn("sleep", ["60"]);
	try {
		await bash("sleep 60 & echo $! > same; setsid sleep 60 & echo $! > own; sleep 0.2");
		const pids = ["same", "own"].map((name) => readFileSync(join(dir, name), "utf8").trim());
		await new Promise((done) => setTimeout(done, 300));
		expect(pids.map(isAlive)).toEqual([false, false]);
		expect(isAlive(String(bystander.pid))).toBe(true);
	} finally {
		bystander.kill();
	}
});

it("ends what takes too long, and says so", async () => {
	const before = Date.now();
	expect(await bash("sleep 60", 200)).toEqual({ code: 1, timedOut: true });
	expect(Date.now() - before).toBeLessThan(15_000);
});
