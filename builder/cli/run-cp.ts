import { copy } from "../../cluster/operate/copy.ts";
import { planCopy } from "../../cluster/operate/copy-plan.ts";
import { openReach } from "../../cluster/reach/open.ts";
import { makePaint } from "../ui/paint.ts";
import type { CommandContext } from "./context.ts";
import { printJson, tellProblem } from "./node-output.ts";

/** As typed. */
export interface CpOptions {
	readonly user?: string;
	readonly root: boolean;
	readonly json: boolean;
}

/** Copies; exit code 1 when it failed for a node. */
export async function runCp(
	dir: string,
	paths: readonly string[],
	options: CpOptions,
	{ signal }: CommandContext,
): Promise<void> {
	const plan = planCopy(paths);
	const reached = await openReach(dir);
	const copied = await copy(reached, plan, { as: options.root ? "root" : options.user, signal });
	const paint = makePaint(process.stderr, process.env);
	if (options.json) printJson({ way: plan.way, nodes: copied });
	else
		for (const { name, problem, fix } of copied) {
			if (problem !== undefined) tellProblem(paint, problem.startsWith(name) ? problem : `${name}: ${problem}`, fix);
		}
	if (copied.some(({ problem }) => problem !== undefined)) process.exitCode = 1;
}
