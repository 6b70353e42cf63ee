import { Command } from "commander";

export interface StopOptions {
	readonly now: boolean;
	readonly json: boolean;
}

/** The work itself; its module is loaded only when machines are ended. */
export type RunStop = (dir: string, nodes: string, options: StopOptions) => Promise<void>;

/** `clusteros stop`: options and help only. */
export function stopCommand(call: string, load: () => Promise<RunStop>): Command {
	return new Command("stop")
		.description("power a test cluster's machines down; their disks stay")
		.argument("<dir>", "folder with cluster.toml")
		.argument("[nodes]", "only these: a name or hostlist such as n[1-3]", "all")
		.option("--now", "pull the plug instead of asking the nodes to power down", false)
		.option("--json", "print the result as JSON", false)
		.addHelpText(
			"after",
			`\nExamples:\n  ${call} stop lab            \`start\` goes on from the disks\n  ${call} stop lab n1 --now   as a power cut would\n`,
		)
		.action(async (dir: string, nodes: string, options: StopOptions) => (await load())(dir, nodes, options));
}
