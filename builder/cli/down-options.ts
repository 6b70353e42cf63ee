import { Command } from "commander";

export interface DownOptions {
	readonly now: boolean;
	readonly json: boolean;
}

/** The work itself; its module is loaded only when a cluster is taken down. */
export type RunDown = (dir: string, options: DownOptions) => Promise<void>;

/** `clusteros down`: options and help only. */
export function downCommand(call: string, load: () => Promise<RunDown>): Command {
	return new Command("down")
		.description("end a test cluster and remove its machines: disks, snapshots, logs; cluster.toml and secrets.toml stay")
		.argument("<dir>", "folder with cluster.toml")
		.option("--now", "pull the plugs instead of asking the nodes to power down", false)
		.option("--json", "print the result as JSON", false)
		.addHelpText("after", `\nExamples:\n  ${call} down lab\n  ${call} stop lab        keeps the disks\n`)
		.action(async (dir: string, options: DownOptions) => (await load())(dir, options));
}
