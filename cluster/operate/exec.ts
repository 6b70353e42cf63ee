import { ToolError } from "../../core/errors.ts";
import { forEach } from "../reach/each.ts";
import type { LinkOptions, Reached, ReachedNode } from "../reach/types.ts";
import { Unreachable } from "../reach/unreachable.ts";

/** What a command did on one node. */
export interface Ran {
	readonly name: string;
	/** null when it did not end by itself, or was never started. */
	readonly exitCode: number | null;
	readonly stdout: string;
	readonly stderr: string;
	/** Why it could not be run. */
	readonly problem?: string | undefined;
	readonly fix?: string | undefined;
}

export type OnNodeLine = (node: string, line: string, from: "stdout" | "stderr") => void;

/**
 * Runs one command on several nodes at once, to its end on each: what happens on one does not stop the others.
 * @throws Interrupted when `signal` fires; the command is then ended on the nodes as well.
 */
export async function execOn(
	reached: Reached,
	nodes: readonly ReachedNode[],
	argv: readonly string[],
	options: LinkOptions & { readonly onNodeLine?: OnNodeLine },
): Promise<Ran[]> {
	const { onNodeLine } = options;
	return forEach(nodes, async ({ name }) => {
		const onLine = onNodeLine && ((line: string, from: "stdout" | "stderr") => onNodeLine(name, line, from));
		return orProblem(name, async () => {
			const { exitCode, stdout, stderr } = await reached.link(name).run(argv, { ...options, onLine, ok: "any" });
			return { name, exitCode, stdout, stderr };
		});
	});
}

async function orProblem(name: string, work: () => Promise<Ran>): Promise<Ran> {
	const nothing = { name, exitCode: null, stdout: "", stderr: "" };
	try {
		return await work();
	} catch (error) {
		if (error instanceof Unreachable) return { ...nothing, problem: error.message, fix: error.problems[0]!.fix };
		if (error instanceof ToolError) return { ...nothing, problem: error.message };
		throw error;
	}
}

/** Exit code of the whole: the command's own on one node, else 1 when it failed anywhere. */
export function exitCodeOfRan(ran: readonly Ran[]): number {
	const [first] = ran;
	if (ran.length === 1 && first?.exitCode != null) return first.exitCode;
	return ran.every(({ exitCode }) => exitCode === 0) ? 0 : 1;
}
