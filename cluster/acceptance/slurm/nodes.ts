import { compressHostlist } from "../../../core/node/hostlist.ts";
import type { Suite, TestNode } from "../check.ts";
import { pollSlurm, slurm } from "./job.ts";

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
	await pollSlurm(suite, look, 5);
	return last;
}

/** Processors of a node, and how many of them are one core. */
export async function processorsOf(suite: Suite, { name }: TestNode): Promise<{ readonly all: number; readonly core: number }> {
	const shown = await slurm(suite, ["scontrol", "show", "node", name]);
	const number = (field: string) => Number(new RegExp(`\\b${field}=(\\d+)`).exec(shown)?.[1]);
	return { all: number("CPUTot"), core: number("ThreadsPerCore") };
}
