import { Command } from "commander";
import { UserError } from "../../core/errors.ts";
import type { CommandContext } from "./context.ts";
import type { ExecOptions } from "./run-exec.ts";

/** `clusteros exec`: one command on any number of nodes. */
export function execCommand(call: string, context: CommandContext): Command {
	return new Command("exec")
		.description("run a command on nodes")
		.usage("<dir> <nodes> [options] -- <command...>")
		.argument("<dir>", "the cluster's folder")
		.argument("<nodes>", "all, a name, or a hostlist such as n[1-4]")
		.argument("[command...]", "the command and its arguments, after --")
		.option("-u, --user <name>", "as this user, in their home folder (default: who the cluster is administered as)")
		.option("--root", "as root", false)
		.option("--timeout <seconds>", "end it on every node after this long")
		.option("--json", "print the result as JSON, once all are done", false)
		.addHelpText("after", examples(call))
		.action(async (dir: string, nodes: string, command: string[], options: ExecOptions) => {
			if (command.length === 0)
				throw new UserError("usage", { message: "which command?", fix: `such as: ${call} exec lab all -- uptime` });
			if (options.root && options.user !== undefined) throw new UserError("usage", { message: "--root or --user, not both" });
			await (await import("./run-exec.ts")).runExec(dir, nodes, command, options, context);
		});
}

function examples(call: string): string {
	return `
Examples:
  ${call} exec lab c1 -- srun -N3 hostname              a job over three nodes
  ${call} exec lab all -- systemctl --failed            each line with its node's name before it
  ${call} exec lab n[1-4] --user ada -- sh -c 'id; pwd'

Every word arrives as typed: for pipes and variables there, give it a shell as above. Lines are shown as they come.
^C ends the command on the nodes, too. Exit code: the command's own on one node; on several 1 when it failed anywhere.
`;
}
