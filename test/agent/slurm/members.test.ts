import { describe, expect, it } from "vitest";
import type { PeerEvent } from "../../../agent/context.ts";
import { onMembers } from "../../../agent/slurm/members.ts";
import { fakeSlurm, listed } from "./fake-slurm.ts";

const DOWN = "State=DOWN*+DYNAMIC_NORM";
const RESUME = "scontrol update nodename=n1 state=resume";

describe("on the controller", () => {
	const withNode = (state?: string, reason?: string) => {
		const node = fakeSlurm("c1");
		for (const name of ["c1", "n2"]) node.nodes!.set(name, listed(name));
		node.nodes!.set("n1", listed("n1", state, reason));
		return node;
	};

	it.each([
		["vanished", DOWN, "Not responding", [RESUME]],
		["vanished, and answers again", "State=DOWN+DYNAMIC_NORM", "Not responding", [RESUME]],
		["drained by an admin", "State=DOWN*+DRAIN+DYNAMIC_NORM", "Not responding", []],
		["put down by an admin", "State=DOWN+DYNAMIC_NORM", "disk is broken", []],
		["well", undefined, undefined, []],
	])("a node that is back and was %s", async (_what, state, reason, did) => {
		using node = withNode(state, reason);
		await onMembers(node.ctx, []);
		expect(node.did()).toEqual(did);
	});

	it("does not resume one that gossip does not hear", async () => {
		using node = withNode(DOWN, "Not responding");
		node.peers[0] = { ...node.peers[0]!, alive: false };
		expect(node.peers[0].name).toBe("n1");
		await onMembers(node.ctx, []);
		expect(node.did()).toEqual([]);
	});

	it("looks again soon while a node that gossip hears does not answer, and rarely otherwise", async () => {
		using silent = withNode("State=IDLE*+DYNAMIC_NORM");
		using well = withNode();
		expect(await onMembers(silent.ctx, [])).toBe(15);
		expect(await onMembers(well.ctx, [])).toBe(120);
	});

	it("deletes a forgotten node, jobs or not, and says what became of it", async () => {
		using node = withNode();
		const event: PeerEvent = { kind: "forgotten", peer: { ...node.peers[0]! } };
		await onMembers(node.ctx, [event]);
		expect(node.did()).toEqual(["scontrol update nodename=n1 state=down reason=forgotten", "scontrol delete nodename=n1"]);
		expect(node.lines.join()).toContain("n1 is forgotten and deleted from SLURM");
	});

	it("warns when SLURM refuses", async () => {
		using node = withNode(DOWN, "Not responding");
		node.answers.set(RESUME, { code: 1, stderr: "slurm_update error: Invalid user id\n" });
		await onMembers(node.ctx, []);
		expect(node.lines.join()).toContain("Invalid user id");
	});

	it("whose own slurmd is not listed makes it known again", async () => {
		using node = withNode();
		node.nodes!.delete("c1");
		node.uptime(1000);
		expect(await onMembers(node.ctx, [])).toBe(15);
		expect(node.did()).toEqual(["systemctl restart --no-block slurmd.service"]);
	});
});

describe("on a worker", () => {
	it("that the controller has lost, slurmd makes itself known again", async () => {
		using node = fakeSlurm("n1");
		node.uptime(1000);
		expect(await onMembers(node.ctx, [])).toBe(15);
		expect(node.did()).toEqual(["systemctl restart --no-block slurmd.service"]);
	});

	it.each([
		["that is listed", new Map([["n1", listed("n1")]]), 120],
		["whose controller does not answer", undefined, 15],
	])("%s nothing is done", async (_what, nodes, seconds) => {
		using node = fakeSlurm("n1");
		node.uptime(1000);
		node.nodes = nodes;
		expect(await onMembers(node.ctx, [])).toBe(seconds);
		expect(node.did()).toEqual([]);
	});

	it("nobody is resumed or deleted", async () => {
		using node = fakeSlurm("n1");
		node.nodes = new Map([
			["n1", listed("n1")],
			["n2", listed("n2", DOWN, "Not responding")],
		]);
		await onMembers(node.ctx, [{ kind: "forgotten", peer: node.peers[1]! }]);
		expect(node.did()).toEqual([]);
	});
});
