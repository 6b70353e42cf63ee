import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync } from "node:fs";
import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";

/** How a program is run. */
export interface ExecOptions {
	/** For its standard input; secrets go this way, never in arguments. */
	readonly input?: string | Uint8Array | undefined;
	/** Milliseconds until it is killed; 10 s by default. Callers multiply by the seed's `slow`. */
	readonly timeout?: number | undefined;
	/** Exit codes that are no failure; [0] by default. */
	readonly ok?: readonly number[] | undefined;
}

export interface ExecResult {
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
}

export type Exec = (argv: readonly [string, ...string[]], options?: ExecOptions) => Promise<ExecResult>;

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
	/** Runs a program to its end; rejects with what it said when its exit code is not `ok` or it takes too long. */
	readonly exec: Exec;
	/** Gives a file to a user and group, by number. */
	readonly chown: (path: string, uid: number, gid: number) => void;
	/** Interfaces that are up, with their addresses. */
	readonly interfaces: () => Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;
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
		chown: chownSync,
		interfaces: networkInterfaces,
	};
}

const TIMEOUT = 10_000;

/** The same world, where programs that no caller set a limit for may take `slow` times as long. */
export function patientWorld(world: World, slow: number): World {
	return { ...world, exec: (argv, options) => world.exec(argv, { timeout: TIMEOUT * slow, ...options }) };
}

/** A program took longer than it might, and was killed. */
export class NoEnd extends Error {}

/**
 * Not core/process: execa alone takes 11 MB and more CPU than the rest of the agent's start (budget: 80 MB RSS,
 * 4 × a Node hello-world), and what the agent runs is small and prints little. argv only here too.
 */
export function exec([program, ...args]: readonly [string, ...string[]], options: ExecOptions = {}): Promise<ExecResult> {
	const { input, timeout = TIMEOUT, ok = [0] } = options;
	return new Promise((resolve, reject) => {
		const child = execFile(program, args, { timeout }, (error, stdout, stderr) => {
			const code = error === null ? 0 : error.code;
			if (typeof code === "number" && ok.includes(code)) return resolve({ code, stdout, stderr });
			const Failure = error!.killed ? NoEnd : Error;
			reject(new Failure(`${[program, ...args].join(" ")}: ${why(error!, timeout, stderr || stdout)}`, { cause: error }));
		});
		// A program that ends without reading its input is judged by its exit code, not by our broken pipe.
		child.stdin?.on("error", () => {});
		child.stdin?.end(input);
	});
}

function why(error: Error & { code?: unknown; killed?: boolean }, timeout: number, said: string): string {
	if (error.killed) return `no end within ${timeout / 1000} s`;
	if (error.code === "ENOENT") return "no such program";
	return said.trim().split("\n").at(-1) || `ended with ${error.code ?? error.message}`;
}
