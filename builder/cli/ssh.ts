import { Command } from "commander";

/** `clusteros ssh`: a person's own session on one node. */
export function sshCommand(call: string): Command {
	return new Command("ssh")
		.description("log in on a node, or run a command there with your terminal")
		.usage("<dir> <node> [-- <command...>]")
		.argument("<dir>", "the cluster's folder")
		.argument("<node>", "its name")
		.argument("[command...]", "instead of a shell, after --")
		.addHelpText("after", examples(call))
		.action(async (dir: string, node: string, command: string[]) => {
			await (await import("./run-ssh.ts")).runSsh(dir, node, command);
		});
}

function examples(call: string): string {
	return `
Examples:
  ${call} ssh lab n1                          a shell there
  ${call} ssh lab c1 -- sudo less /etc/hosts  a command with a terminal
  ${call} ssh lab c1 -- sbatch < job.sh       standard input and output go through as they are

Exit code: that of the session; 255 when there is none.
`;
}
