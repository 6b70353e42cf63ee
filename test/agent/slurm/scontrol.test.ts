import { expect, it } from "vitest";
import { listNodes, parseNodes } from "../../../agent/slurm/scontrol.ts";
import { NoEnd } from "../../../agent/world.ts";
import { fakeSlurm } from "./fake-slurm.ts";

/** Lines of SLURM 24.11.5, shortened. */
const TEXT = `NodeName=c1 Arch=x86_64 CoresPerSocket=2 CPUAlloc=0 OS=Linux 6.12.117+deb13-cloud-amd64 #1 SMP RealMemory=967 State=IDLE+DYNAMIC_NORM ThreadsPerCore=1 Partitions=main BootTime=2026-11-22T20:58:00
NodeName=n1 CoresPerSocket=1 State=DOWN*+DYNAMIC_NORM ThreadsPerCore=1 Partitions=main    Reason=Not responding [slurm@2026-11-22T21:40:00]
NodeName=n2 State=IDLE+DRAIN+DYNAMIC_NORM    Reason=new [fast] disk [root@2026-11-22T21:40:00] Comment=x
`;

it("reads names, states and reasons", () => {
	expect(parseNodes(TEXT)).toEqual([
		{ name: "c1", state: ["IDLE", "DYNAMIC_NORM"], reason: undefined },
		{ name: "n1", state: ["DOWN", "NOT_RESPONDING", "DYNAMIC_NORM"], reason: "Not responding" },
		{ name: "n2", state: ["IDLE", "DRAIN", "DYNAMIC_NORM"], reason: "new [fast] disk" },
	]);
});

it("finds no node in anything else", () => {
	expect(parseNodes("No nodes in the system\n")).toEqual([]);
});

it("takes a controller that is cut off for one that does not answer, and another failure for what it is", async () => {
	using node = fakeSlurm("n1");
	const failing = (error: Error) => ({ ...node.ctx, world: { ...node.world, exec: () => Promise.reject(error) } });
	expect(await listNodes(failing(new NoEnd("scontrol: no end within 20 s")), "n1")).toBeUndefined();
	await expect(listNodes(failing(new Error("scontrol: no such program")), "n1")).rejects.toThrow("no such program");
});
