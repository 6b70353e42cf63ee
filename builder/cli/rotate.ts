import { Command, InvalidArgumentError } from "commander";
import { PURPOSES, type Purpose } from "../../core/contract/purposes.ts";
import type { CommandContext } from "./context.ts";
import type { RotateOptions } from "./run-rotate.ts";

/** `clusteros rotate`: new keys for a cluster that runs. */
export function rotateCommand(call: string, context: CommandContext): Command {
	return new Command("rotate")
		.description("move a running cluster to new keys; jobs that run go on")
		.argument("<dir>", "the cluster's folder")
		.option("--purpose <list>", "only these: serf, munge, announce, dbd (default: serf,munge,announce)", purposes)
		.option("--resume", "go on with a rotation that was cut, or bring it to nodes that were off", false)
		.option("--json", "print the result as JSON", false)
		.addHelpText("after", examples(call))
		.action(async (dir: string, options: RotateOptions) => {
			await (await import("./run-rotate.ts")).runRotate(dir, options, context);
		});
}

function examples(call: string): string {
	return `
Examples:
  ${call} rotate lab                    new keys for gossip, munge and announcements
  ${call} rotate lab --purpose munge    of one kind
  ${call} rotate lab --resume           after ^C or a power cut; or a node that was off is back

secrets.toml is counted up first, then every node learns the new keys over ssh, then all use them, then all drop the old.
Seeds that were made before hold the old keys: make new ones for machines that are still to be flashed.
Exit code 1: a node was left out; it keeps the old keys, and the others do not hear it until --resume has reached it.
`;
}

function purposes(text: string): Purpose[] {
	const names = text.split(",").map((name) => name.trim());
	const unknown = names.filter((name) => !(name in PURPOSES));
	if (unknown.length > 0) throw new InvalidArgumentError(`Known: ${Object.keys(PURPOSES).join(", ")}.`);
	return [...new Set(names)] as Purpose[];
}
