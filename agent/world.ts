import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";

/** All that the agent takes from outside: everything else is worked out from this. */
export interface World {
	/** Put before every path; empty on a node, a scratch folder in tests. */
	readonly root: string;
	readonly env: Readonly<Record<string, string | undefined>>;
	readonly pid: number;
	readonly now: () => Date;
	readonly random: (bytes: number) => Uint8Array;
	/** One line to standard output, which is the journal under systemd. */
	readonly print: (line: string) => void;
	/** Runs a program; rejects when it fails. */
	readonly exec: (argv: readonly [string, ...string[]]) => Promise<void>;
}

/** The node itself. CLUSTEROS_ROOT moves every path, for trying the agent out without being root. */
export function realWorld(): World {
	return {
		root: process.env.CLUSTEROS_ROOT ?? "",
		env: process.env,
		pid: process.pid,
		now: () => new Date(),
		random: randomBytes,
		print: (line) => process.stdout.write(`${line}\n`),
		exec,
	};
}

/**
 * Not core/process: execa alone takes 11 MB and more CPU than the rest of the agent's start (budget: 80 MB RSS,
 * 4 × a Node hello-world), and what the agent runs is small and prints little. argv only here too.
 */
function exec([program, ...args]: readonly [string, ...string[]]): Promise<void> {
	return new Promise((resolve, reject) => {
		execFile(program, args, { timeout: 10_000 }, (error) => (error ? reject(error) : resolve()));
	});
}
