import { Command, InvalidArgumentError } from "commander";
import type { CommandContext } from "./context.ts";

/** `clusteros test` as typed. */
export interface TestOptions {
	/** Groups of checks; all when none is named. */
	readonly group: readonly string[];
	/** False with --no-reboot. */
	readonly reboot: boolean;
	readonly junit?: string;
	readonly json: boolean;
	/** Seconds. */
	readonly timeout?: number;
}

export type RunTest = (dir: string, options: TestOptions, context: CommandContext) => Promise<void>;

/** `clusteros test`: options and help only. `call` is how the user starts this program. */
export function testCommand(call: string, context: CommandContext, load: () => Promise<RunTest>): Command {
	return new Command("test")
		.description("check a running cluster from outside: network, keys, SLURM jobs, reboots")
		.argument("<dir>", "the cluster's folder")
		.option("-g, --group <list>", "only these groups of checks, such as network,slurm (repeatable)", collect, [])
		.option("--no-reboot", "leave the reboots out: otherwise the workers are rebooted together, then the controllers")
		.option("--timeout <seconds>", "count as failed what is not done after this long", seconds)
		.option("--junit <file>", "write the results as JUnit XML too")
		.option("--json", "print the results as JSON", false)
		.addHelpText("after", examples(call))
		.action(async (dir: string, options: TestOptions) => (await load())(dir, options, context));
}

function examples(call: string): string {
	return `
Examples:
  ${call} test lab                          all checks; reboots every node once
  ${call} test lab --no-reboot              nothing is rebooted: for a cluster that people work on
  ${call} test lab --group network,slurm    these groups only
  ${call} test lab --junit results.xml      for a CI system

Groups: identity (the one that reboots), wireguard, network, auth, config, logs, discovery, systemd, slurm, k3s.
Exit codes: 0 no check failed, 1 some did, 2 wrong usage or input, 130 interrupted.
`;
}

function collect(text: string, before: readonly string[]): string[] {
	const names = text.split(",").map((name) => name.trim());
	if (names.includes("")) throw new InvalidArgumentError("A list such as network,slurm is wanted.");
	return [...before, ...names];
}

function seconds(text: string): number {
	const value = Number(text);
	if (text.trim() === "" || !(value > 0)) throw new InvalidArgumentError("A number of seconds is wanted, such as 600.");
	return value;
}
