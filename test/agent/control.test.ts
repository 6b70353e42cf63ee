import { statSync } from "node:fs";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { ask } from "../../agent/control/client.ts";
import { explain } from "../../agent/explain.ts";
import { runAgent } from "../../agent/run.ts";
import { scratchNode } from "./scratch.ts";

describe("the agent's socket", () => {
	it("is root's alone, and says why what is asked cannot be done", async () => {
		using node = scratchNode();
		const stop = new AbortController();
		const running = runAgent(node.world, stop.signal);
		expect(statSync(`${node.world.root}/run/clusteros/agent.sock`).mode & 0o777).toBe(0o600);
		expect(await ask(node.world, { op: "leave" })).toEqual({ ok: false, said: "this node has not read its seed yet" });
		expect(await ask(node.world, { op: "forget", name: "../x" })).toMatchObject({ ok: false, said: '"../x" is no node\'s name' });
		stop.abort();
		await running;
	});

	it("survives a request that is none", async () => {
		using node = scratchNode();
		const stop = new AbortController();
		const running = runAgent(node.world, stop.signal);
		const answer = await new Promise<string>((resolve) => {
			const socket = connect(`${node.world.root}/run/clusteros/agent.sock`, () => socket.write("nonsense\n"));
			socket.on("data", (text) => resolve(String(text)));
		});
		expect(JSON.parse(answer).ok).toBe(false);
		stop.abort();
		await running;
	});

	it("is not there when the agent does not run: said with the fix", async () => {
		using node = scratchNode();
		await expect(ask(node.world, { op: "leave" })).rejects.toThrow(/does not run; start it: systemctl start clusteros-agent/);
	});
});

describe("explain", () => {
	const status = { version: 1 as const, node: "0123456789abcdef", name: "n1", since: "", boot: "b" };

	it("tells what a node waits for and where to look", () => {
		const text = explain({ ...status, state: "mesh", reason: "waiting: no handshake", cluster: "lab", members: [] });
		expect(text).toBe(
			[
				"n1 of cluster lab is in state mesh: it shakes hands with a controller over WireGuard.",
				"It waits: no handshake.",
				"Look at: sudo wg show wg0; UDP must pass between the nodes' LAN addresses",
				"Others: 0 of 0 that are known answer.",
			].join("\n"),
		);
	});

	it("has nothing to look at when all is well, and names who is missing or refused", () => {
		const silent = { name: "n2", id: "00112233445566ff", mesh: "10.90.0.3", roles: ["worker" as const], alive: false };
		const refused = [{ name: "n3", id: "ff", reason: "another key" }];
		const text = explain({ ...status, state: "ready", cluster: "lab", members: [silent], refused });
		expect(text).not.toContain("Look at");
		expect(text).toContain("n2 does not answer.\nRefused: n3 (ff): another key.");
	});
});
