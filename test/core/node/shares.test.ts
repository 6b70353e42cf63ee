import { describe, expect, it } from "vitest";
import type { SeedCluster } from "../../../core/contract/seed.ts";
import { k3sShare, kubeletReservation, slurmReservation } from "../../../core/node/shares.ts";
import type { NodeFacts } from "../../../core/node/types.ts";
import { HYBRID, view, withK3s } from "./files/views.ts";

type Asked = Partial<Pick<NonNullable<SeedCluster["k3s"]>, "memory" | "cpus">>;

const node = (name: string, facts: Partial<NodeFacts> = {}, asked: Asked = {}) =>
	view({ ...withK3s, k3s: { ...withK3s.k3s!, ...asked } }, name, { ...HYBRID, ...facts });

describe("k3s' share", () => {
	it.each([
		["50%", "50%", 1500, 1],
		["600MiB", 0.5, 600, 0.5],
		["1.5GiB", 2, 1536, 1.8],
		["8GiB", "99%", 2700, 1.8],
	])("of 3000 MiB and 2 processors %s and %s are %i MiB and %f", (memory, cpus, memoryMiB, some) => {
		expect(k3sShare(node("n1", {}, { memory, cpus }))).toEqual({ memoryMiB, cpus: some });
	});

	it("is only for nodes that run both", () => {
		for (const alone of [node("n1", { slurm: false }), node("n1", { k3s: false }), node("c2"), view(withK3s, "n1")]) {
			expect(k3sShare(alone)).toBeUndefined();
			expect([...slurmReservation(alone), ...kubeletReservation(alone)]).toEqual([]);
		}
	});
});

describe("what is reserved", () => {
	it.each([
		[1, 1, "50%", []],
		[2, 1, "50%", ["CoreSpecCount=1"]],
		[8, 2, "50%", ["CoreSpecCount=2"]],
		[4, 1, 8, ["CoreSpecCount=3"]],
		[4, 2, 1, []],
		[3, 2, "90%", []],
	])("of %i processors, %i a core, with %s for k3s slurmd keeps back %j", (cpus, threads, asked, cores) => {
		expect(slurmReservation(node("n1", { cpus, threads }, { cpus: asked }))).toEqual([...cores, "MemSpecLimit=1500"]);
	});

	it("adds up: what is not k3s' is SLURM's, and pods have what k3s itself leaves them", () => {
		expect(kubeletReservation(node("n1", { cpus: 1 }))).toEqual([
			"system-reserved=cpu=500m,memory=1500Mi",
			"kube-reserved=memory=360Mi",
		]);
		expect(kubeletReservation(node("c1"))).toEqual(["system-reserved=cpu=1000m,memory=1500Mi", "kube-reserved=memory=750Mi"]);
	});
});
