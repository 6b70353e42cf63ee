import { Command } from "commander";
import type { CommandContext } from "./context.ts";
import type { StatusOptions } from "./run-status.ts";

/** `clusteros status`: what every node's agent says, at once. */
export function statusCommand(call: string, context: CommandContext): Command {
	return new Command("status")
		.description("show what state every node is in, and what it waits for")
		.argument("<dir>", "the cluster's folder")
		.argument("[nodes]", "a hostlist such as c1,n[1-4]", "all")
		.option("-w, --watch", "show it again every few seconds, until every node is ready", false)
		.option("--json", "print the result as JSON", false)
		.addHelpText("after", examples(call))
		.action(async (dir: string, nodes: string, options: StatusOptions) => {
			await (await import("./run-status.ts")).runStatus(dir, nodes, options, context);
		});
}

function examples(call: string): string {
	return `
Examples:
  ${call} status lab              every node: state, mesh address, peers that it hears
  ${call} status lab n[1-4] -w    some, again and again until they are ready

Exit code 1: a node cannot be reached, or says that something failed. A node that waits is no failure.
`;
}
