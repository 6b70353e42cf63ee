import type { SeedCluster } from "../../contract/seed.ts";

type Partition = SeedCluster["slurm"]["partitions"][number];

/** Without any in cluster.toml: a cluster that takes no job is of no use to anybody. */
const ONLY: Partition = { name: "main", nodes: "all", default: true };

/**
 * Partition lines of slurm.conf. Dynamic nodes are in no node list, so that a partition of some nodes goes by a feature
 * that these nodes bring along ({@link featuresOf}). Without a default the first one is it.
 */
export function partitionLines(partitions: readonly Partition[]): string[] {
	const given = partitions.length === 0 ? [ONLY] : partitions;
	const first = given.find((partition) => partition.default) ?? given[0]!;
	const sets = given.filter(({ nodes }) => nodes !== "all").map(({ name }) => `NodeSet=ns_${name} Feature=${feature(name)}`);
	return [...sets, ...given.map((partition) => partitionLine(partition, partition === first))];
}

function partitionLine({ name, nodes, max_time }: Partition, isDefault: boolean): string {
	const words = [
		`PartitionName=${name}`,
		`Nodes=${nodes === "all" ? "ALL" : `ns_${name}`}`,
		`Default=${isDefault ? "YES" : "NO"}`,
		`MaxTime=${max_time ?? "INFINITE"}`,
		"State=UP",
	];
	return words.join(" ");
}

/** Features by which a node gets into the partitions that name it. */
export function featuresOf(partitions: readonly Partition[], node: string): string[] {
	return partitions.filter(({ nodes }) => nodes !== "all" && nodes.includes(node)).map(({ name }) => feature(name));
}

function feature(partition: string): string {
	return `p_${partition}`;
}
