import type { ClusterFile } from "../../core/contract/cluster.ts";
import type { Role, SeedCluster } from "../../core/contract/seed.ts";

export type Reach = NonNullable<ClusterFile["node"][number]["reach"]>;

/** One node of the description; hostlists are taken apart, mesh addresses given out. */
export interface DescribedNode {
	readonly name: string;
	readonly roles: readonly Role[];
	/** Of the LAN interface, lower case. */
	readonly mac?: string | undefined;
	readonly serial?: string | undefined;
	/** `dhcp`, or ADDRESS/PREFIX. */
	readonly lan: string;
	readonly mesh: string;
	/** k3s' labels. */
	readonly labels?: Readonly<Record<string, string>> | undefined;
	readonly reach?: Reach | undefined;
}

export type Partition = SeedCluster["slurm"]["partitions"][number];

/** Who may log in on every node. */
export interface DescribedUser {
	readonly name: string;
	readonly uid: number;
	readonly keys: readonly string[];
	readonly sudo: boolean;
}

/** A file that k3s' servers apply. */
export interface Manifest {
	/** Without folders. */
	readonly name: string;
	readonly content: string;
}

/** `cluster.toml`, read, found good and with nothing left to be worked out. */
export interface Described {
	/** The cluster's folder, absolute. */
	readonly dir: string;
	/** cluster.toml as shown to people. */
	readonly file: string;
	/** The file's own words, with defaults: for whatever is not below. */
	readonly cluster: ClusterFile;
	readonly nodes: readonly DescribedNode[];
	/** Names of the nodes with the role `controller`, in the file's order: the first runs slurmctld. */
	readonly controllers: readonly string[];
	/** With the administrator `clusteros` as the first. */
	readonly users: readonly DescribedUser[];
	readonly partitions: readonly Partition[];
	/** What `[k3s] manifests` names, read. */
	readonly manifests: readonly Manifest[];
}
