import { Command } from "commander";
import { UserError } from "../../core/errors.ts";
import type { CommandContext } from "./context.ts";
import type { CpOptions } from "./run-cp.ts";

/** `clusteros cp`: files and folders to nodes and from them. */
export function cpCommand(call: string, context: CommandContext): Command {
	return new Command("cp")
		.description("copy files and folders to nodes, or from them")
		.usage("<dir> <source...> <target> [options]")
		.argument("<dir>", "the cluster's folder")
		.argument("<paths...>", "sources and the target; NODES:PATH is on nodes")
		.option("--root", "read or write as root there", false)
		.option("-u, --user <name>", "read or write as this user there, from their home folder")
		.option("--json", "print the result as JSON", false)
		.addHelpText("after", examples(call))
		.action(async (dir: string, paths: string[], options: CpOptions) => {
			if (options.root && options.user !== undefined) throw new UserError("usage", { message: "--root or --user, not both" });
			await (await import("./run-cp.ts")).runCp(dir, paths, options, context);
		});
}

function examples(call: string): string {
	return `
Examples:
  ${call} cp lab job.sh c1:                       into the home folder on c1
  ${call} cp lab data n[1-4]:/scratch             a folder, to four nodes at once
  ${call} cp lab all:/etc/hosts hosts             from each node, into hosts/NODE/
  ${call} cp lab --root motd all:/etc/motd        where only root may write

As cp does: into the target when it is a folder, else under that name. Modes and times are kept, owners are not.
`;
}
