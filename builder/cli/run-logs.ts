import { showLogs } from "../../cluster/operate/logs.ts";
import { forEach } from "../../cluster/reach/each.ts";
import { openReach } from "../../cluster/reach/open.ts";
import { Interrupted, UserError } from "../../core/errors.ts";
import { makePaint } from "../ui/paint.ts";
import type { CommandContext } from "./context.ts";
import { linePrinter, tellProblem } from "./node-output.ts";

/** As typed. */
export interface LogsOptions {
	readonly follow: boolean;
	readonly serial: boolean;
	readonly journal: boolean;
	readonly unit: readonly string[];
	readonly lines?: number;
	readonly json: boolean;
}

/** Prints the logs of one node, or of several side by side; ^C is how --follow ends. Exit code 1 when a node has none. */
export async function runLogs(dir: string, hostlist: string, options: LogsOptions, { signal }: CommandContext): Promise<void> {
	const reached = await openReach(dir);
	const nodes = reached.select(hostlist);
	const print = options.json ? printObject : linePrinter(nodes.length > 1);
	const source = options.serial ? "serial" : "journal";
	const { follow, lines, unit: units } = options;
	const paint = makePaint(process.stderr, process.env);
	await forEach(nodes, async (node) => {
		const onLine = (line: string, from: "stdout" | "stderr") => print(node.name, line, from);
		try {
			await showLogs(reached, node, { source, follow, lines, units, signal, onLine });
		} catch (error) {
			if (error instanceof Interrupted && follow) return;
			if (!(error instanceof UserError) || nodes.length === 1) throw error;
			tellProblem(paint, error.message, error.problems[0]!.fix);
			process.exitCode = 1;
		}
	});
}

function printObject(node: string, line: string, from: "stdout" | "stderr"): void {
	if (from === "stdout") process.stdout.write(`${JSON.stringify({ node, line })}\n`);
	else process.stderr.write(`${line}\n`);
}
