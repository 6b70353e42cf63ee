import type { NodeFacts, NodeFile } from "../../core/node/types.ts";
import type { Link, ReachedNode } from "../reach/types.ts";

export type GroupName =
	| "wireguard"
	| "network"
	| "auth"
	| "config"
	| "logs"
	| "identity"
	| "discovery"
	| "systemd"
	| "slurm"
	| "k3s";

/** One thing that is not as it should be, and how a person sees it for himself. */
export interface Complaint {
	readonly node: string;
	readonly expected: string;
	readonly seen: string;
	/** Ready to paste. */
	readonly command: string;
	readonly fix?: string | undefined;
}

export type Verdict =
	| { readonly status: "passed" }
	| { readonly status: "failed"; readonly complaints: readonly Complaint[] }
	| { readonly status: "skipped"; readonly reason: string };

/** One of the checks; `run` may throw: a node that cannot be asked has not passed. */
export interface Check {
	readonly group: GroupName;
	/** Unique within its group; the node's name in groups with one check a node. */
	readonly name: string;
	readonly node?: string | undefined;
	run(): Promise<Verdict>;
}

/** Checks of one group. `inTurn`: one at a time, since they share the cluster's queue of jobs. */
export interface Group {
	readonly name: GroupName;
	readonly inTurn?: boolean;
	checks(suite: Suite): readonly Check[];
	/** Takes away what its checks have made, however they ended; `suite.signal` does not stop it. */
	cleanUp?(suite: Suite): Promise<void>;
}

/** A node under test, and the way to it. */
export interface TestNode extends ReachedNode {
	readonly link: Link;
}

/** What all checks share: the cluster as its description has it, and what was asked for. */
export interface Suite {
	/** As typed: for commands that are shown. */
	readonly dir: string;
	/** At least one, in the order of cluster.toml. */
	readonly nodes: readonly TestNode[];
	/** Runs slurmctld. */
	readonly controller: TestNode;
	/** Ordinary user that jobs run as: the first of cluster.toml without sudo. */
	readonly user?: string | undefined;
	/** How many times longer than on metal things take. */
	readonly slow: number;
	/** Whether nodes may be rebooted. */
	readonly reboot: boolean;
	readonly signal: AbortSignal;
	/** Says what goes on, where that takes minutes. */
	doing?(words: string): void;
	/** The files that the agent has to keep on a node with these facts, rendered here. */
	files(node: TestNode, facts: NodeFacts): readonly NodeFile[];
}

/** Milliseconds to allow for what takes `seconds` on metal. */
export function patience(suite: Suite, seconds: number): number {
	return seconds * 1000 * suite.slow;
}
