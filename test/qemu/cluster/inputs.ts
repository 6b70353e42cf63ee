import type { ClusterInput } from "../../../qemu/cluster/plan.ts";

export const ID = "6f0c1f2e-8f0a-4c5e-9a57-1f6f0a3d2b11";

/** Two nodes to vary in tests. */
export function clusterInput(changes: Partial<ClusterInput> = {}): ClusterInput {
	const nodes = changes.nodes ?? [
		{ name: "c1", cpus: 2, memoryMiB: 1024 },
		{ name: "n1", cpus: 1, memoryMiB: 1024 },
	];
	return {
		id: ID,
		dir: "/lab/.clusteros",
		sockets: "/run/c",
		image: "/images/a.qcow2",
		stamp: "1-2",
		accel: "tcg",
		net: "isolated",
		publish: [],
		ports: nodes.map((_, i) => ({ ssh: 40_000 + i, lan: 41_000 + i, peer: 42_000 + i })),
		...changes,
		nodes,
	};
}
