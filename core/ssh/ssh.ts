import { DeadlineError, poll } from "../deadline.ts";
import { ToolError } from "../errors.ts";
import { quote } from "../process/quote.ts";
import { type RunOptions, type RunResult, run } from "../process/run.ts";

/** How a machine is reached by ssh, as plain data. */
export interface SshTarget {
	readonly host: string;
	readonly port: number;
	readonly user: string;
	/** File of the private key. */
	readonly identity: string;
	/** A file of this cluster's own: machines on 127.0.0.1 must not get into the user's. */
	readonly knownHosts: string;
	/** Socket of the shared connection (at most about 90 bytes: ssh adds a suffix); none: each command connects anew. */
	readonly control?: string | undefined;
	/** Name of the machine in `knownHosts`: addresses and ports change hands, a node's name does not. */
	readonly alias?: string | undefined;
	/** `known`: its key is in `knownHosts`, another is refused. `new` (default): the first key that is seen is kept. */
	readonly hostKey?: "known" | "new" | undefined;
	/** Seconds until a machine that does not greet us is given up; 10 by default. */
	readonly greeting?: number | undefined;
}

/** ssh's own exit code for "no connection", as against that of the command. */
const NO_CONNECTION = 255;

/** Options that every call has. Pure; nothing of the user's own ssh configuration, agent or keys takes part. */
export function sshOptions(target: SshTarget): string[] {
	const options: Record<string, string | number> = {
		IdentityFile: target.identity,
		IdentitiesOnly: "yes",
		IdentityAgent: "none",
		UserKnownHostsFile: target.knownHosts,
		GlobalKnownHostsFile: "/dev/null",
		StrictHostKeyChecking: target.hostKey === "known" ? "yes" : "accept-new",
		...(target.alias === undefined ? {} : { HostKeyAlias: target.alias }),
		BatchMode: "yes",
		ConnectTimeout: target.greeting ?? 10,
		ServerAliveInterval: 15,
		ServerAliveCountMax: 4,
		LogLevel: "ERROR",
		...(target.control === undefined ? {} : { ControlMaster: "auto", ControlPath: target.control, ControlPersist: 60 }),
	};
	return ["-F", "none", "-p", String(target.port), ...Object.entries(options).flatMap(([k, v]) => ["-o", `${k}=${v}`])];
}

/** The command line that runs `command` there. ssh hands one string to the remote shell, so that each word is quoted for it. */
export function sshArgv(target: SshTarget, command: readonly string[], extra: readonly string[] = []): string[] {
	return ["ssh", ...extra, ...sshOptions(target), `${target.user}@${target.host}`, "--", command.map(quote).join(" ")];
}

/**
 * The command line of a session for a person: their terminal, their questions. The first key of an unknown machine is shown
 * and asked about. Without a command, or with `terminal`, the other side gets a terminal, too.
 */
export function sessionArgv(target: SshTarget, command: readonly string[], terminal: boolean): string[] {
	// The first value that ssh reads of an option is the one that counts.
	const asking = ["-o", "BatchMode=no", ...(target.hostKey === "known" ? [] : ["-o", "StrictHostKeyChecking=ask"])];
	if (command.length > 0) return sshArgv(target, command, [...(terminal ? ["-t"] : ["-T"]), ...asking]);
	return ["ssh", ...asking, ...sshOptions(target), `${target.user}@${target.host}`];
}

/** Runs a command there and captures what it prints. @throws ToolError when it fails, as `run` does. */
export async function sshRun(
	target: SshTarget,
	command: readonly string[],
	options: Partial<RunOptions> = {},
): Promise<RunResult> {
	return run(sshArgv(target, command), { doing: `running ${command[0]} on ${target.host}:${target.port}`, ...options });
}

/** Waits until a command can be run there. @throws DeadlineError after `timeout` ms, with ssh's last words. */
export async function waitForSsh(target: SshTarget, timeout: number, signal?: AbortSignal): Promise<void> {
	let last = "";
	const attempt = async () => {
		try {
			await sshRun(target, ["true"], { signal, timeout: 30_000 });
			return true;
		} catch (error) {
			if (!(error instanceof ToolError)) throw error;
			last = error.failure.tail.join("\n");
			return undefined;
		}
	};
	if (await poll(attempt, { timeout, every: 500, signal })) return;
	throw new DeadlineError(`no ssh to ${target.user}@${target.host}:${target.port} within ${timeout / 1000} s: ${last}`);
}

/** Whether the shared connection is up; false where there is none. */
export async function isConnected(target: SshTarget): Promise<boolean> {
	if (target.control === undefined) return false;
	const command = ["ssh", "-O", "check", ...sshOptions(target), `${target.user}@${target.host}`];
	const { exitCode } = await run(command, { doing: "looking at the ssh connection", ok: [0, NO_CONNECTION] });
	return exitCode === 0;
}

/** Ends the shared connection, and with it what runs over it; that there is none is no error. */
export async function closeSsh(target: SshTarget): Promise<void> {
	await controlSsh(target, "exit");
}

/** Gives the shared connection up: nothing new goes over it, what runs goes on, and it ends when it has been idle for a while. */
export async function leaveSsh(target: SshTarget): Promise<void> {
	await controlSsh(target, "stop");
}

async function controlSsh(target: SshTarget, order: "exit" | "stop"): Promise<void> {
	if (target.control === undefined) return;
	const command = ["ssh", "-O", order, ...sshOptions(target), `${target.user}@${target.host}`];
	await run(command, { doing: "closing the ssh connection", ok: [0, NO_CONNECTION] });
}
