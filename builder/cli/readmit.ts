import { Command } from "commander";
import type { CommandContext } from "./context.ts";

export interface OrderOptions {
	readonly json: boolean;
}

/** `clusteros readmit`: lets a node in again, or for the first time. */
export function readmitCommand(call: string, context: CommandContext): Command {
	return new Command("readmit")
		.description("let a node in: flashed again, away during a rotation, or waiting for approval")
		.argument("<dir>", "the cluster's folder")
		.argument("<node>", "its name")
		.option("--json", "print the result as JSON", false)
		.addHelpText("after", readmitExamples(call))
		.action(async (dir: string, node: string, options: OrderOptions) => {
			await (await import("./run-order.ts")).runOrder("readmit", dir, node, options, context);
		});
}

/** `clusteros forget`: a node is gone for good. */
export function forgetCommand(call: string, context: CommandContext): Command {
	return new Command("forget")
		.description("a node is gone for good: its name and key are free")
		.argument("<dir>", "the cluster's folder")
		.argument("<node>", "its name")
		.option("--json", "print the result as JSON", false)
		.addHelpText("after", `\nExamples:\n  ${call} forget lab n4    the others drop it; take it out of cluster.toml, too\n`)
		.action(async (dir: string, node: string, options: OrderOptions) => {
			await (await import("./run-order.ts")).runOrder("forget", dir, node, options, context);
		});
}

function readmitExamples(call: string): string {
	return `
Examples:
  ${call} readmit lab n3            the machine that calls itself n3 now is n3 from now on
  ${call} readmit lab node-1f6f0a   an unknown machine that waits (join = "approve")

A controller signs the order and hands it to all nodes. Look before you do: whoever holds the name now gets it.
`;
}
