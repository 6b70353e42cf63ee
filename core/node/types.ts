import type { Role, SeedCluster } from "../contract/seed.ts";

/** A node that belongs to the cluster, as the files of every node need it. */
export interface Member {
	readonly name: string;
	/** IPv4 address in the mesh. */
	readonly mesh: string;
	readonly roles: readonly Role[];
}

/** What a node's files depend on besides its cluster: its machine, and what its image brings. */
export interface NodeFacts {
	/** Logical processors. */
	readonly cpus: number;
	/** How many of them a core has. */
	readonly threads: number;
	/** All of the memory. */
	readonly memoryMiB: number;
	/** slurmd is in the image. */
	readonly slurm: boolean;
	/** k3s is in the image. */
	readonly k3s: boolean;
	/** k3s' own container images are in the image. */
	readonly airgap: boolean;
}

/** All that the files of one node depend on: the agent and `clusteros test` render from the same. */
export interface NodeView {
	readonly cluster: SeedCluster;
	readonly self: Member;
	/** All members, this node among them, sorted by name. */
	readonly members: readonly Member[];
	/** Without them nothing is rendered that is about k3s. */
	readonly facts?: NodeFacts | undefined;
}

/** A file that the agent keeps on its node. */
export interface NodeFile {
	/** Absolute. */
	readonly path: string;
	readonly content: string;
	/** As in chmod. */
	readonly mode: number;
	/** `user:group`; root:root when left out. */
	readonly owner?: string | undefined;
	/** Only the lines between our two marks are ours; the rest of the file stays. */
	readonly block?: boolean | undefined;
}
