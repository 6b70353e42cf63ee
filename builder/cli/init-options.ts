import { Command, InvalidArgumentError } from "commander";
import type { CommandContext } from "./context.ts";
import type { InitOptions } from "./init.ts";

/** `clusteros init`: describes a new cluster. */
export function initCommand(call: string, _context: CommandContext): Command {
	return new Command("init")
		.description("describe a new cluster: its nodes, users and keys")
		.argument("<dir>", "the cluster's folder; made when it is not there")
		.option("--nodes <n>", "how many nodes, controllers among them", count, 3)
		.option("--controllers <n>", "how many of them are controllers; they work, too", count, 1)
		.option("--import <csv>", "take the nodes from a file with the columns name,mac,serial,roles,address")
		.option("--name <name>", "the cluster's name (default: the folder's)")
		.option("--partition <name=nodes>", "a partition of SLURM (repeatable; the first is the default one)", partition, [])
		.option("--user <name>", "who runs jobs", "user")
		.option("--mesh <network>", "WireGuard's network, used nowhere else", "10.90.0.0/16")
		.option(
			"--repair",
			"give secrets.toml what it lacks: keys of controllers that were added to cluster.toml, k3s' tokens",
			false,
		)
		.option("--json", "print the result as JSON", false)
		.addHelpText("after", examples(call))
		.action(async (dir: string, options: InitOptions) => (await import("./init.ts")).runInit(dir, options, call));
}

function examples(call: string): string {
	return `
Examples:
  ${call} init lab --nodes 5                  one controller (c1) and four workers (n1 to n4)
  ${call} init lab --nodes 8 --partition cpu=all --partition 'gpu=n[5-7]'
  ${call} init site --import nodes.csv        machines with MAC addresses from a spreadsheet

It writes cluster.toml (yours to change), secrets.toml (0600; back it up) and .gitignore, and overwrites nothing.
`;
}

function count(text: string): number {
	const value = Number(text);
	if (!/^[0-9]+$/.test(text) || value < 1 || value > 10_000)
		throw new InvalidArgumentError("A number from 1 to 10000 is wanted.");
	return value;
}

function partition(text: string, before: InitOptions["partition"]): InitOptions["partition"] {
	const [, name, nodes] = /^([^=]+)=(.+)$/.exec(text) ?? [];
	if (name === undefined) throw new InvalidArgumentError("name=nodes is wanted, such as main=all or 'gpu=n[1-4]'.");
	return [...before, { name, nodes: nodes! }];
}
