import type { Role, SeedCluster } from "../contract/seed.ts";

/** A node that belongs to the cluster, as the files of every node need it. */
export interface Member {
	readonly name: string;
	/** IPv4 address in the mesh. */
	readonly mesh: string;
	readonly roles: readonly Role[];
}

/** All that the files of one node depend on: the agent and `clusteros test` render from the same. */
export interface NodeView {
	readonly cluster: SeedCluster;
	readonly self: Member;
	/** All members, this node among them, sorted by name. */
	readonly members: readonly Member[];
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
