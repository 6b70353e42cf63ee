import { Command, InvalidArgumentError, Option } from "commander";
import type { CommandContext } from "./context.ts";
import type { SeedCommandOptions } from "./seed.ts";

/** `clusteros seed`: what turns an image into a node of a cluster at its first boot. */
export function seedCommand(call: string, context: CommandContext): Command {
	return new Command("seed")
		.description("make the seed that turns an image into a node of the cluster")
		.argument("<dir>", "the cluster's folder")
		.addOption(new Option("--node <nodes>", "for this node, or one for each of a hostlist").conflicts(["workers", "all"]))
		.addOption(new Option("--workers", "one for all that are no controllers, unknown machines among them").conflicts("all"))
		.option("--all", "one for the whole cluster: every node then holds the controller's keys")
		.addOption(new Option("--out <file>", "NAME.iso, NAME.img (FAT), or a folder for the plain files").conflicts("into"))
		.option("--into <image>", "put it into the seed partition of this raw image")
		.option("--meet <address>", "ask for other nodes at this LAN address, ADDRESS[:PORT] (repeatable)", meet, [])
		.option("--slow <factor>", "how many times longer than on metal things may take (default: cluster.toml's slow)", factor)
		.option("--json", "print the result as JSON", false)
		.addHelpText("after", examples(call))
		.action(async (dir: string, options: SeedCommandOptions) => (await import("./seed.ts")).runSeed(dir, options, context));
}

function examples(call: string): string {
	return `
Examples:
  ${call} seed lab --node c1 --out c1.iso          attach it, or write it to a USB stick
  ${call} seed lab --workers --out /media/usb      plain files, for a stick labelled CIDATA
  ${call} seed lab --node 'n[1-4]' --out '%n.img'  one for each, %n is the node's name
  ${call} seed lab --node n1 --into n1.raw         straight into an image, before it is flashed

A seed holds keys: whoever has it can join the cluster. Files are made 0600.
`;
}

function meet(text: string, before: readonly string[]): string[] {
	if (!/^[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?$/.test(text))
		throw new InvalidArgumentError("ADDRESS or ADDRESS:PORT is wanted.");
	return [...before, text];
}

function factor(text: string): number {
	const value = Number(text);
	if (!(value >= 1 && value <= 100)) throw new InvalidArgumentError("A number from 1 to 100 is wanted.");
	return value;
}
