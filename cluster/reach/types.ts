import type { ClusterFile } from "../../core/contract/cluster.ts";
import type { MachineState } from "../../core/contract/cluster-state.ts";
import type { Role } from "../../core/contract/seed.ts";
import type { RunResult } from "../../core/process/run.ts";
import type { SshTarget } from "../../core/ssh/ssh.ts";
import type { Described } from "../describe/types.ts";

/** How to run one command on a node. */
export interface LinkOptions {
	/** Who runs it: the user that ssh logs in as when left out; others, root among them, through `sudo -n`, in their home folder. */
	readonly as?: string | undefined;
	/** For its standard input; secrets go this way, never in arguments. */
	readonly input?: string | Uint8Array | undefined;
	/** Milliseconds after which it is ended, on the node as well. */
	readonly timeout?: number | undefined;
	/** Ends it, on the node as well. */
	readonly signal?: AbortSignal | undefined;
	/** Takes every line of both streams as it comes. */
	readonly onLine?: ((line: string, from: "stdout" | "stderr") => void) | undefined;
	/** Exit codes that are no failure; [0] by default, "any" for all. */
	readonly ok?: readonly number[] | "any" | undefined;
	/** What is being done, for the error message; "running COMMAND on NODE" by default. */
	readonly doing?: string | undefined;
}

/** A node that can be asked: how, is its own business. */
export interface Link {
	readonly name: string;
	readonly via: "qemu" | "ssh";
	/** For programs that want a connection of their own: `ssh` with a terminal, tar through a pipe. */
	readonly target: SshTarget;
	/**
	 * Runs a command on the node to its end; argv only, each word arrives as it is.
	 * @throws Unreachable when the node cannot be asked, ToolError when the command fails, Interrupted when `signal` fires.
	 */
	run(argv: readonly string[], options?: LinkOptions): Promise<RunResult>;
}

/** A node of the cluster as its description has it; hostlists are expanded. */
export interface ReachedNode {
	readonly name: string;
	readonly roles: readonly Role[];
	/** IPv4 address in the mesh. */
	readonly mesh: string;
	/** Its virtual machine, where it has one here. */
	readonly machine?: MachineState | undefined;
}

/** A cluster whose nodes can be asked. Nothing is connected before the first command. */
export interface Reached {
	/** Absolute. */
	readonly dir: string;
	readonly cluster: ClusterFile;
	/** cluster.toml with nothing left to be worked out. */
	readonly described: Described;
	/** How many times longer than on metal things may take: from the test cluster's state, else from cluster.toml. */
	readonly slow: number;
	/** In the order of cluster.toml. */
	readonly nodes: readonly ReachedNode[];
	/** @throws UserError when there is no such node or no way to it. */
	link(name: string): Link;
	/** `all`, a name or a hostlist. @throws UserError for names that are not in the cluster. */
	select(hostlist: string): readonly ReachedNode[];
	/** Gives the shared connections up: they end when nobody, another command for one, has used them for a while. */
	close(): Promise<void>;
}
