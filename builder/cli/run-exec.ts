import { execOn, exitCodeOfRan } from "../../cluster/operate/exec.ts";
import { openReach } from "../../cluster/reach/open.ts";
import { UserError } from "../../core/errors.ts";
import { makePaint } from "../ui/paint.ts";
import type { CommandContext } from "./context.ts";
import { linePrinter, printJson, tellProblem } from "./node-output.ts";

/** As typed. */
export interface ExecOptions {
	readonly user?: string;
	readonly root: boolean;
	readonly json: boolean;
	/** Seconds. */
	readonly timeout?: string;
}

/** Runs `command` on the nodes of `hostlist`; sets the exit code. */
export async function runExec(
	dir: string,
	hostlist: string,
	command: readonly string[],
	options: ExecOptions,
	{ signal }: CommandContext,
): Promise<void> {
	const timeout = milliseconds(options.timeout);
	const reached = await openReach(dir);
	const nodes = reached.select(hostlist);
	const print = linePrinter(nodes.length > 1);
	const ran = await execOn(reached, nodes, command, {
		as: options.root ? "root" : options.user,
		timeout,
		signal,
		...(options.json ? {} : { onNodeLine: print }),
	});
	if (options.json) printJson({ nodes: ran });
	else tellFailures(ran);
	process.exitCode = exitCodeOfRan(ran);
}

function tellFailures(ran: Awaited<ReturnType<typeof execOn>>): void {
	const paint = makePaint(process.stderr, process.env);
	for (const { name, exitCode, problem, fix } of ran) {
		if (problem !== undefined) tellProblem(paint, problem, fix);
		else if (exitCode !== 0 && ran.length > 1) process.stderr.write(`${name}: ${paint("bad", `exit code ${exitCode}`)}\n`);
	}
}

function milliseconds(seconds: string | undefined): number | undefined {
	if (seconds === undefined) return undefined;
	const value = Number(seconds);
	if (seconds.trim() !== "" && value > 0) return value * 1000;
	throw new UserError("usage", { message: `not a number of seconds: "${seconds}"`, fix: "such as --timeout 60" });
}
