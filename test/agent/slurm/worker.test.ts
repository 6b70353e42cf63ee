import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { worker } from "../../../agent/slurm/worker.ts";
import { putFile, seedCluster } from "../seeds.ts";
import { fakeSlurm, listed } from "./fake-slurm.ts";

const answering = async () => true;
const START = "systemctl restart --no-block slurmd.service";

it("starts nothing before the controller answers", async () => {
	using node = fakeSlurm("n1");
	const asked: unknown[] = [];
	const silent = async (...to: unknown[]) => asked.push(to) < 0;
	expect(await worker(node.ctx, silent)).toEqual({ wait: "c1 to answer", seconds: 2 });
	expect(asked).toEqual([["10.90.0.1", 6817, 2000]]);
	expect(node.ran).toEqual([]);
});

it("writes slurmd's options, starts it and is done when the controller would use the node", async () => {
	using node = fakeSlurm("n1");
	node.nodes!.set("n1", listed("n1"));
	expect(await worker(node.ctx, answering)).toBeUndefined();
	expect(readFileSync(`${node.world.root}/etc/default/slurmd`, "utf8")).toContain("-N n1");
	expect(node.did()).toEqual([START]);
});

it("does nothing the second time", async () => {
	using node = fakeSlurm("n1");
	node.nodes!.set("n1", listed("n1"));
	await worker(node.ctx, answering);
	node.ran.length = 0;
	expect(await worker(node.ctx, answering)).toBeUndefined();
	expect(node.did()).toEqual([]);
});

it.each([
	["it died", (node: ReturnType<typeof fakeSlurm>) => node.units.delete("slurmd.service")],
	[
		"its options were changed by somebody",
		(node: ReturnType<typeof fakeSlurm>) => putFile(node.world, "/etc/default/slurmd", "x"),
	],
])("starts slurmd again when %s", async (_why, happen) => {
	using node = fakeSlurm("n1");
	node.nodes!.set("n1", listed("n1"));
	await worker(node.ctx, answering);
	node.ran.length = 0;
	happen(node);
	expect(await worker(node.ctx, answering)).toBeUndefined();
	expect(node.did()).toEqual([START]);
	expect(readFileSync(`${node.world.root}/etc/default/slurmd`, "utf8")).toContain("-N n1");
});

it("does not start it again while it is starting, and tells what it says when it fails", async () => {
	using node = fakeSlurm("n1");
	node.answers.set(START, {});
	node.units.set("slurmd.service", "activating");
	expect(await worker(node.ctx, answering)).toEqual({ wait: "slurmd to start", seconds: 0.5 });
	node.ran.length = 0;
	const show = "systemctl show --property=ActiveState,NRestarts,ActiveEnterTimestampMonotonic slurmd.service";
	node.answers.set(show, { stdout: "ActiveState=activating\nNRestarts=2\nActiveEnterTimestampMonotonic=0\n" });
	node.answers.set("journalctl", { stdout: "slurmd: error: one\nslurmd: fatal: no plugin for cgroup\nslurmd.service: Failed\n" });
	expect(await worker(node.ctx, answering)).toEqual({
		wait: "slurmd to start, which fails: one; no plugin for cgroup",
		seconds: 5,
	});
	expect(node.did().filter((line) => line.startsWith("systemctl"))).toEqual([]);
});

it.each([
	["drained by an admin is what was asked for", "State=IDLE+DRAIN+DYNAMIC_NORM", "maintenance", undefined],
	["busy is fine", "State=ALLOCATED+DYNAMIC_NORM", undefined, undefined],
	[
		"down",
		"State=DOWN*+DYNAMIC_NORM",
		"Not responding",
		'c1 to use n1: it is DOWN NOT_RESPONDING DYNAMIC_NORM, "Not responding"',
	],
	["silent", "State=IDLE*+DYNAMIC_NORM", undefined, "c1 to use n1: it is IDLE NOT_RESPONDING DYNAMIC_NORM"],
	["registered with less than it should have", "State=IDLE+INVALID_REG", undefined, "c1 to use n1: it is IDLE INVALID_REG"],
])("%s", async (_what, state, reason, wait) => {
	using node = fakeSlurm("n1");
	node.nodes!.set("n1", listed("n1", state, reason));
	expect((await worker(node.ctx, answering))?.wait).toBe(wait);
});

it("waits for the controller to list it, and makes itself known again once when that does not come", async () => {
	using node = fakeSlurm("n1", seedCluster({ slow: 2 }));
	const wait = { wait: "c1 to list n1", seconds: 2 };
	node.uptime(109.9);
	expect(await worker(node.ctx, answering)).toEqual(wait);
	expect(node.did()).toEqual([START]);
	node.ran.length = 0;
	node.uptime(110);
	expect(await worker(node.ctx, answering)).toEqual(wait);
	expect(node.did()).toEqual([START]);
});

it("restarts nothing while slurmctld does not answer the question", async () => {
	using node = fakeSlurm("n1");
	node.nodes = undefined;
	node.uptime(1000);
	expect(await worker(node.ctx, answering)).toEqual({ wait: "c1 to answer", seconds: 2 });
	expect(node.did()).toEqual([START]);
});
