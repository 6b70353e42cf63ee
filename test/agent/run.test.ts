import { readFileSync, rmSync, statSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { runAgent } from "../../agent/run.ts";
import { showStatus } from "../../agent/show.ts";
import { nodeStatus } from "../../core/contract/status.ts";
import { scratchNode } from "./scratch.ts";

/** Runs the agent until it has done what it does at the start. */
async function runOnce(node: ReturnType<typeof scratchNode>): Promise<void> {
	const stop = new AbortController();
	const running = runAgent(node.world, stop.signal);
	await new Promise((resolve) => setImmediate(resolve));
	stop.abort();
	await running;
}

/** Where a node without a seed stays. */
const NO_SEED = /waiting: no seed: attach a volume labelled CIDATA and reboot/;

describe("the agent", () => {
	it("writes a status that the contract knows, for everyone to read", async () => {
		using node = scratchNode();
		await runOnce(node);
		const file = `${node.world.root}/run/clusteros/status.json`;
		const status = nodeStatus.parse(JSON.parse(readFileSync(file, "utf8")));
		expect(status).toMatchObject({ name: "n1", state: "booted", since: "2026-11-22T10:00:00.000Z" });
		expect(statSync(file).mode & 0o777).toBe(0o644);
	});

	it("says on the console and in the journal who it is and what it waits for", async () => {
		using node = scratchNode();
		await runOnce(node);
		const { node: id } = JSON.parse(readFileSync(`${node.world.root}/run/clusteros/status.json`, "utf8"));
		const [first, second, ...more] = readFileSync(`${node.world.root}/dev/console`, "utf8").trimEnd().split("\n");
		expect(first).toBe(`clusteros n1 booted - ${id}`);
		expect(second).toMatch(NO_SEED);
		expect(more).toEqual([]);
		expect(node.lines[0]).toBe(`<6>node=${id} name=n1 state=booted boot=0b7a6a6e-0000-4000-8000-000000000001`);
		expect(node.lines[1]).toMatch(NO_SEED);
	});

	it("is ready only after it has said who it is, and pings at half of the watchdog's time", async () => {
		vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
		using node = scratchNode({ NOTIFY_SOCKET: "/run/systemd/notify", WATCHDOG_USEC: "10000000" });
		const stop = new AbortController();
		const running = runAgent(node.world, stop.signal);
		vi.advanceTimersByTime(15_000);
		stop.abort();
		await running;
		vi.advanceTimersByTime(60_000);
		vi.useRealTimers();
		expect(node.ran.map((argv) => argv[1])).toEqual(["READY=1", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"]);
		expect(node.lines).toHaveLength(2);
	});

	it("goes on when systemd cannot be told, and says so", async () => {
		using node = scratchNode({ NOTIFY_SOCKET: "/run/systemd/notify" });
		const deaf = { ...node.world, exec: () => Promise.reject(new Error("spawn systemd-notify ENOENT")) };
		await runOnce({ ...node, world: deaf });
		expect(node.lines).toContainEqual(expect.stringMatching(/^<4>msg="systemd was not told READY=1 .*ENOENT"$/));
	});

	it("needs no console", async () => {
		using node = scratchNode();
		rmSync(`${node.world.root}/dev`, { recursive: true });
		await runOnce(node);
		expect(node.lines).toHaveLength(2);
	});

	it("shows the status it wrote, in words and for programs", async () => {
		using node = scratchNode();
		await runOnce(node);
		expect(showStatus(node.world, "words")).toBe(0);
		expect(node.lines.at(-1)).toMatch(
			/^n1 {2}booted {2}waiting: no seed.* {2}node [0-9a-f]{16} {2}since 2026-11-22T10:00:00.000Z$/,
		);
		expect(showStatus(node.world, "json")).toBe(0);
		expect(nodeStatus.parse(JSON.parse(node.lines.at(-1)!)).name).toBe("n1");
	});
});
