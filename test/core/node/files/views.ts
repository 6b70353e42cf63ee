import { readFileSync } from "node:fs";
import { type SeedCluster, seedCluster } from "../../../../core/contract/seed.ts";
import { viewOf } from "../../../../core/node/members.ts";
import type { NodeFacts, NodeView } from "../../../../core/node/types.ts";

const example = new URL("../../../../core/contract/examples/seed-cluster.json", import.meta.url);

/** A cluster of a controller that works too, two workers and a controller that does not. */
export const cluster: SeedCluster = seedCluster.parse({
	...JSON.parse(readFileSync(example, "utf8")),
	nodes: [
		{ name: "c1", roles: ["controller", "worker"], mesh: "10.90.0.1" },
		{ name: "c2", roles: ["controller"], mesh: "10.90.0.4" },
		{ name: "n1", roles: ["worker"], mesh: "10.90.0.2" },
		{ name: "n2", roles: ["worker"], mesh: "10.90.0.3" },
	],
	controllers: ["c1", "c2"].map((name) => ({ name, key: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=" })),
	slurm: { partitions: [], accounting: false, extra: "", cgroup: "", gres: "" },
	k3s: undefined,
});

/** The same as a site has it that uses everything. */
export const busy: SeedCluster = {
	...cluster,
	ntp: ["time.example.org", "192.0.2.1"],
	slow: 8,
	slurm: {
		partitions: [
			{ name: "short", nodes: "all", default: false, max_time: "1:00:00" },
			{ name: "gpu", nodes: ["n1", "n2"], default: true },
		],
		accounting: true,
		extra: "SchedulerParameters=bf_interval=30,defer # ours\nPrologFlags=Contain\nPartitionName=own Nodes=ALL\n\n",
		cgroup: "ConstrainDevices=yes\n",
		gres: "NodeName=n[1-2] Name=gpu Type=a100 File=/dev/nvidia[0-3]\nNodeName=n1 Name=scratch Count=2K",
	},
};

/** An image with SLURM and k3s, on a machine with two processors. */
export const HYBRID: NodeFacts = { cpus: 2, threads: 1, memoryMiB: 3000, slurm: true, k3s: true, airgap: false };

/** The same cluster with k3s, as `init` describes it. */
export const withK3s: SeedCluster = { ...cluster, k3s: { config: "", registries: "", memory: "50%", cpus: "50%" } };

/** Three servers, k3s' own images, and what a site says. */
export const busyK3s: SeedCluster = {
	...busy,
	nodes: [
		...busy.nodes.map((node) => (node.name === "n1" ? { ...node, labels: { disk: "ssd", "example.org/rack": "7" } } : node)),
		{ name: "c3", roles: ["controller"], mesh: "10.90.0.5" },
	],
	controllers: [...busy.controllers, { name: "c3", key: busy.controllers[0]!.key }],
	k3s: { config: "kubelet-arg+:\n  - v=2\n", registries: 'mirrors:\n  "*":\n', memory: "1GiB", cpus: 1 },
};

/** What a node sees when all are there. */
export function view(of: SeedCluster, name: string, facts?: NodeFacts): NodeView {
	const self = of.nodes.find((node) => node.name === name)!;
	return viewOf(
		of,
		self,
		of.nodes.filter((node) => node !== self),
		facts,
	);
}
