import { Command } from "commander";
import type { Order } from "../../cluster/operate/order.ts";
import type { CommandContext } from "./context.ts";
import type { OrderOptions } from "./run-order.ts";

/** `clusteros readmit`: lets a node in again. */
export function readmitCommand(call: string, context: CommandContext): Command {
	return orderCommand(
		"readmit",
		"let a node in again that was installed anew, with the key that it has now",
		context,
	).addHelpText(
		"after",
		`
Examples:
  ${call} readmit lab n3    the machine that calls itself n3 now is n3 from now on

A controller signs the order and hands it to all nodes. Look before you do: whoever holds the name now gets it.
A node that was off during a rotation needs new keys first: ${call} rotate lab --resume
`,
	);
}

/** `clusteros approve`: lets an unknown machine in. */
export function approveCommand(call: string, context: CommandContext): Command {
	return orderCommand(
		"approve",
		'let an unknown machine in that waits, where cluster.toml says join = "approve"',
		context,
	).addHelpText("after", `\nExamples:\n  ${call} approve lab node-1f6f0a    \`${call} status lab\` shows who waits\n`);
}

/** `clusteros forget`: a node is gone for good. */
export function forgetCommand(call: string, context: CommandContext): Command {
	return orderCommand("forget", "a node is gone for good: all others drop it and its key", context).addHelpText(
		"after",
		`\nExamples:\n  ${call} forget lab n4    take it out of cluster.toml, too\n`,
	);
}

function orderCommand(order: Order, description: string, context: CommandContext): Command {
	return new Command(order)
		.description(description)
		.argument("<dir>", "the cluster's folder")
		.argument("<node>", "its name")
		.option("--json", "print the result as JSON", false)
		.action(async (dir: string, node: string, options: OrderOptions) => {
			await (await import("./run-order.ts")).runOrder(order, dir, node, options, context);
		});
}
