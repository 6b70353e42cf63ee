import { poll } from "../../../core/deadline.ts";
import { compressHostlist } from "../../../core/node/hostlist.ts";
import { patience, type Suite, type TestNode } from "../check.ts";
import { slurm } from "./job.ts";

/** Nodes that run jobs. */
export function workers(suite: Suite): readonly TestNode[] {
	return suite.nodes.filter(({ roles }) => roles.includes("worker"));
}

export function hostlistOf(nodes: readonly TestNode[]): string {
	return compressHostlist(nodes.map(({ name }) => name));
}

/** `idle`, `mixed`, `drained` … of every node that SLURM lists, by name; `*`: it does not answer. */
export async function nodeStates(suite: Suite): Promise<ReadonlyMap<string, string>> {
	const lines = (await slurm(suite, ["sinfo", "--noheader", "--Node", "--format=%N %T"])).split("\n");
	return new Map(lines.filter(Boolean).map((line) => line.trim().split(/\s+/, 2) as [string, string]));
}

/** Looks for a few seconds until all of `nodes` are in `state`: slurmctld notices some things only at its next round. */
export async function settledStates(
	suite: Suite,
	nodes: readonly TestNode[],
	state: string,
): Promise<ReadonlyMap<string, string>> {
	let last: ReadonlyMap<string, string> = new Map();
	const look = async () => {
		last = await nodeStates(suite);
		return nodes.every(({ name }) => last.get(name) === state) ? last : undefined;
	};
	await poll(look, { timeout: patience(suite, 5), every: 300, signal: suite.signal });
	return last;
}

/** A number that `scontrol show node` gives: CPUTot, ThreadsPerCore. */
export async function nodeNumber(suite: Suite, node: TestNode, field: string): Promise<number> {
	const shown = await slurm(suite, ["scontrol", "show", "node", node.name]);
	return Number(new RegExp(`\\b${field}=(\\d+)`).exec(shown)?.[1]);
}
