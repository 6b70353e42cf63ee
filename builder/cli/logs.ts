import { Command, InvalidArgumentError } from "commander";
import { UserError } from "../../core/errors.ts";
import type { CommandContext } from "./context.ts";
import type { LogsOptions } from "./run-logs.ts";

/** `clusteros logs`: a node's journal, or what it printed on its console. */
export function logsCommand(call: string, context: CommandContext): Command {
	return new Command("logs")
		.description("show a node's journal, or its console")
		.argument("<dir>", "the cluster's folder")
		.argument("<node>", "its name; several as a hostlist")
		.option("-f, --follow", "go on with what is written next", false)
		.option("--journal", "the journal of this boot (default)", false)
		.option("--serial", "what it printed on its serial console: works when it is dead, too", false)
		.option(
			"-u, --unit <name>",
			"the journal of this unit only (repeatable)",
			(name, before) => [...before, name],
			[] as string[],
		)
		.option("-n, --lines <number>", "the last lines only", lines)
		.option("--json", "one JSON object a line", false)
		.addHelpText("after", examples(call))
		.action(async (dir: string, node: string, options: LogsOptions) => {
			if (options.serial && (options.journal || options.unit.length > 0))
				throw new UserError("usage", { message: "--serial goes with neither --journal nor --unit" });
			await (await import("./run-logs.ts")).runLogs(dir, node, options, context);
		});
}

function examples(call: string): string {
	return `
Examples:
  ${call} logs lab n1 -n 50                    the newest of its journal
  ${call} logs lab n1 -f -u clusteros-agent    what its agent does, as it does it
  ${call} logs lab n1 --serial                 its console, from the first line of the firmware on
`;
}

function lines(text: string): number {
	if (!/^[0-9]{1,9}$/.test(text)) throw new InvalidArgumentError("A number of lines is wanted, such as 50.");
	return Number(text);
}
