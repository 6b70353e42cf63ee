import { Command, InvalidArgumentError } from "commander";
import type { CommandContext } from "./context.ts";

export interface StartOptions {
	/** Seconds. */
	readonly timeout?: number;
	readonly json: boolean;
}

/** The work itself; its module is loaded only when machines are started. */
export type RunStart = (dir: string, nodes: string, options: StartOptions, context: CommandContext) => Promise<void>;

/** `clusteros start`: options and help only. */
export function startCommand(call: string, context: CommandContext, load: () => Promise<RunStart>): Command {
	return new Command("start")
		.description("start machines of a test cluster that were stopped or killed, and wait until they are ready")
		.argument("<dir>", "folder with cluster.toml")
		.argument("[nodes]", "only these: a name or hostlist such as n[1-3]", "all")
		.option("--timeout <seconds>", "how long to wait until they are ready", seconds)
		.option("--json", "print the result as JSON", false)
		.addHelpText("after", `\nExamples:\n  ${call} start lab\n  ${call} start lab n2     after: ${call} fault lab n2 kill\n`)
		.action(async (dir: string, nodes: string, options: StartOptions) => (await load())(dir, nodes, options, context));
}

function seconds(text: string): number {
	if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
	throw new InvalidArgumentError("A whole number of seconds is wanted.");
}
