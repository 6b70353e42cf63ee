import type { ClusterFile } from "../../core/contract/cluster.ts";
import { type Problem, UserError } from "../../core/errors.ts";
import { meshAddresses } from "../../core/node/addresses.ts";
import { expandHostlist, selectNodes } from "../../core/node/hostlist.ts";
import { formatPath, type PathKey } from "../../core/toml/key-path.ts";
import type { Located } from "../../core/toml/toml-document.ts";
import type { DescribedNode, DescribedUser, Partition } from "./types.ts";

/** Where an item stands in the file. */
interface Placed {
	readonly at: readonly PathKey[];
}

/** A description with hostlists taken apart and defaults filled in, before the rules have looked at it. */
export interface Draft {
	readonly cluster: ClusterFile;
	/** `mesh` is missing where the network has no room left. */
	readonly nodes: readonly (Omit<DescribedNode, "mesh"> & { readonly mesh?: string } & Placed)[];
	readonly controllers: readonly string[];
	readonly users: readonly (DescribedUser & Placed)[];
	readonly partitions: readonly Partition[];
}

/** Who administers every node: made with the cluster's own key, whether the file speaks of it or not. */
export const ADMIN = { name: "clusteros", uid: 1000 } as const;

/** Takes hostlists apart, gives out mesh addresses and fills in defaults; hostlists that are none come back as problems. */
export function normalise(cluster: ClusterFile, document: Located): { readonly draft: Draft; readonly problems: Problem[] } {
	const problems: Problem[] = [];
	/** A hostlist's own complaint, at its place in the file. */
	const located = <T>(at: readonly PathKey[], otherwise: T, read: () => T): T => {
		try {
			return read();
		} catch (error) {
			if (!(error instanceof UserError)) throw error;
			problems.push(...error.problems.map((problem) => ({ ...problem, where: document.where(at), path: formatPath(at) })));
			return otherwise;
		}
	};
	const entries = cluster.node.flatMap(({ name, ...entry }, index) =>
		located<string[]>(["node", index, "name"], [], () => expandHostlist(name)).map((one) => ({
			...entry,
			name: one,
			roles: [...new Set(entry.roles)],
			at: ["node", index],
		})),
	);
	const addresses = meshAddresses(entries, cluster.mesh.network);
	const nodes = entries.map(({ mesh: _, ...node }) => ({ ...node, ...present("mesh", addresses.get(node.name)) }));
	const names = nodes.map(({ name }) => name);
	const partitions = cluster.slurm.partition.map(({ nodes: text, ...partition }, index) => {
		const chosen = located(["slurm", "partition", index, "nodes"], [], () => selectNodes(text, names));
		return { ...partition, nodes: text === "all" ? ("all" as const) : chosen };
	});
	const controllers = nodes.filter(({ roles }) => roles.includes("controller")).map(({ name }) => name);
	return { draft: { cluster, nodes, controllers, users: usersOf(cluster), partitions: withDefault(partitions) }, problems };
}

/** SLURM refuses jobs that name no partition unless one is the default: the first, where the file does not say. */
function withDefault(partitions: readonly Partition[]): Partition[] {
	if (partitions.length === 0) return [{ name: "main", nodes: "all", default: true }];
	if (partitions.some((partition) => partition.default)) return [...partitions];
	return partitions.map((partition, index) => ({ ...partition, default: index === 0 }));
}

function usersOf(cluster: ClusterFile): (DescribedUser & Placed)[] {
	const users = cluster.user.map((user, index) => ({ ...user, at: ["user", index] as const }));
	const own = users.find(({ name }) => name === ADMIN.name);
	const admin = { keys: [], at: [], ...ADMIN, ...own, sudo: true };
	return [admin, ...users.filter((user) => user !== own)];
}

function present<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
	return value === undefined ? {} : ({ [key]: value } as { [key in K]: V });
}
