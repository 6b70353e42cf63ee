import { Command } from "commander";
import type { CommandContext } from "./context.ts";
import type { BundleOptions } from "./run-bundle.ts";

/** `clusteros bundle`: what somebody needs to see who is to find out what is wrong. */
export function bundleCommand(call: string, context: CommandContext): Command {
	return new Command("bundle")
		.description("collect logs, states and configuration of all nodes into one archive, without secrets")
		.argument("<dir>", "the cluster's folder")
		.option("-o, --out <file>", "where it goes (default: NAME-bundle.tar.gz here)")
		.option("--json", "print the result as JSON", false)
		.addHelpText("after", examples(call))
		.action(async (dir: string, options: BundleOptions) => {
			await (await import("./run-bundle.ts")).runBundle(dir, options, context);
		});
}

function examples(call: string): string {
	return `
Examples:
  ${call} bundle lab                       lab-bundle.tar.gz: everything of the nodes that answer, consoles of the others
  ${call} bundle lab --out report.tar.gz

The cluster's keys and tokens are replaced wherever they stand, and whatever looks like a key. Host names, addresses, users
and job names stay: look through it before you give it to strangers.
`;
}
