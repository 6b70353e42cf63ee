import type { SeedCluster, SeedNode } from "../../contract/seed.ts";

/** Where slurmctld runs: the first of the controllers. @throws when the seed does not list that node. */
export function slurmController({ controllers, nodes }: Pick<SeedCluster, "controllers" | "nodes">): SeedNode {
	const name = controllers[0]?.name;
	const node = nodes.find((one) => one.name === name);
	if (node === undefined) throw new Error(`the seed names ${name ?? "nobody"} as controller but has no such node`);
	return node;
}

/** slurmctld's port; slurmd's is the one after. */
export const SLURMCTLD_PORT = 6817;
