import type { Context } from "../context.ts";
import { NoEnd } from "../world.ts";

/** A node as slurmctld lists it. */
export interface ListedNode {
	readonly name: string;
	/** Base state and flags, such as `["DOWN", "DRAIN", "NOT_RESPONDING"]`. */
	readonly state: readonly string[];
	/** Why it is down or drained, without who said so and when. */
	readonly reason?: string | undefined;
}

/** Milliseconds for a command that asks slurmctld, on metal. */
const TIMEOUT = 20_000;

/** `scontrol` with these words; its exit code and output, whatever they are. On a node that is cut off it comes to no end: 1. */
export async function scontrol({ world, cluster }: Context, ...words: readonly string[]) {
	return world.exec(["scontrol", ...words], { timeout: TIMEOUT * cluster.slow, ok: [0, 1] }).catch((error) => {
		if (error instanceof NoEnd) return { code: 1, stdout: "", stderr: error.message };
		throw error;
	});
}

/** Whether slurmctld answers. */
export async function controllerAnswers(ctx: Context): Promise<boolean> {
	return / is UP\b/.test((await scontrol(ctx, "ping")).stdout);
}

/** What slurmctld lists: one node, or all without a name. undefined when it does not answer; no node when it knows none such. */
export async function listNodes(ctx: Context, name?: string): Promise<ListedNode[] | undefined> {
	const { code, stdout, stderr } = await scontrol(ctx, "--oneliner", "show", "nodes", ...(name === undefined ? [] : [name]));
	if (code !== 0) return /not found/i.test(stdout + stderr) ? [] : undefined;
	return parseNodes(stdout);
}

/** Output of `scontrol --oneliner show nodes`. JSON would need a plugin that not every package brings. */
export function parseNodes(text: string): ListedNode[] {
	return text.split("\n").flatMap((line) => {
		const name = /^NodeName=(\S+)/.exec(line)?.[1];
		const state = / State=(\S+)/.exec(line)?.[1];
		if (name === undefined || state === undefined) return [];
		return [{ name, state: flagsOf(state), reason: / Reason=(.*?)(?: \[[^\]]*\])?\s*(?:Comment=.*)?$/.exec(line)?.[1] }];
	});
}

/** `DOWN*+DRAIN` to its parts; the star is NOT_RESPONDING in one letter (sinfo(1), NODE STATE CODES). */
function flagsOf(state: string): string[] {
	const flags = state.split("+").flatMap((part) => (part.endsWith("*") ? [part.slice(0, -1), "NOT_RESPONDING"] : [part]));
	return flags.map((flag) => flag.replace(/[^A-Z_]/g, "")).filter(Boolean);
}

const LOST = ["DOWN", "NOT_RESPONDING", "UNKNOWN", "INVALID_REG", "INVAL", "FAIL", "ERROR"];

/** Whether slurmctld has the node and would use it; drained by an admin counts: that is what was asked for. */
export function isUsable({ state }: ListedNode): boolean {
	return !state.some((flag) => LOST.includes(flag));
}

/** Whether the node is down for no other reason than that it had vanished. */
export function hasOnlyVanished({ state, reason }: ListedNode): boolean {
	return state.includes("DOWN") && !state.includes("DRAIN") && /^Not responding\b/i.test(reason ?? "");
}
