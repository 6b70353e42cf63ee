import { once } from "node:events";
import { open, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import spawn from "cross-spawn";
import { poll } from "../../core/deadline.ts";
import { ToolError } from "../../core/errors.ts";
import { kill } from "../process.ts";
import { isProcess } from "../process-id.ts";
import { order } from "./client.ts";
import type { SwitchConfig } from "./orders.ts";

/** The switch's files in a cluster's state folder. */
export interface SwitchFiles {
	readonly config: string;
	readonly pid: string;
	readonly log: string;
	/** Unix socket for orders. */
	readonly control: string;
}

export function switchFiles(dir: string, control: string): SwitchFiles {
	return { config: join(dir, "switch.json"), pid: join(dir, "switch.pid"), log: join(dir, "switch.log"), control };
}

/** Milliseconds for a Node.js to start on a host that is busy with machines. */
const START_TIMEOUT = 20_000;
const END_TIMEOUT = 3000;

/** What {@link startSwitch} is asked for. */
export type Lan = Pick<SwitchConfig, "network"> & Partial<Pick<SwitchConfig, "look">>;

/** Seconds: a switch that outlives its machines by this much costs nothing. */
const LOOK = 5;

/** The switch's process id, when it runs. */
export async function findSwitch(files: SwitchFiles): Promise<number | undefined> {
	const pid = Number.parseInt(await readFile(files.pid, "utf8").catch(() => ""), 10);
	return isProcess(pid, files.config) ? pid : undefined;
}

/** One that runs and does not answer is ended: it cannot be talked to again. */
async function answers(files: SwitchFiles): Promise<boolean> {
	const pid = await findSwitch(files);
	if (pid === undefined) return false;
	if (await order(files.control, { order: "stats" }).catch(() => undefined)) return true;
	kill(pid);
	await poll(() => (isProcess(pid, files.config) ? undefined : true), { timeout: END_TIMEOUT, every: 20 });
	return false;
}

/**
 * Starts the switch as a process of its own that outlives us; returns when it takes orders, at once when it runs already.
 * `program` is the bundled switch. @throws ToolError with its last words.
 */
export async function startSwitch(program: string, files: SwitchFiles, lan: Lan): Promise<{ started: boolean }> {
	if (await answers(files)) return { started: false };
	const config: SwitchConfig = { look: LOOK, ...lan, control: files.control, pid: files.pid };
	await writeFile(files.config, `${JSON.stringify(config, null, "\t")}\n`, { mode: 0o600 });
	const log = await open(files.log, "a", 0o600);
	const argv = [process.execPath, program, files.config];
	const child = spawn(argv[0]!, argv.slice(1), { stdio: ["ignore", "ignore", log.fd], detached: true });
	await log.close();
	child.unref();
	const ended = once(child, "exit").then(
		([code]) => ({ code: code as number | null }),
		() => ({ code: null }),
	);
	const settled = new AbortController();
	const death = await Promise.race([ended, untilListening(files.control, settled.signal)]).finally(() => settled.abort());
	if (!death) return { started: true };
	if (child.pid !== undefined && isProcess(child.pid, files.config)) kill(child.pid);
	const tail = (await readFile(files.log, "utf8")).trim().split("\n").slice(-10);
	throw new ToolError({
		doing: "starting the cluster's switch",
		argv,
		exitCode: death.code,
		tail,
		fix: `the log is ${files.log}`,
	});
}

async function untilListening(control: string, signal: AbortSignal): Promise<{ code: null } | undefined> {
	const look = () =>
		order(control, { order: "stats" }).then(
			() => true,
			() => (signal.aborted ? false : undefined),
		);
	return (await poll(look, { timeout: START_TIMEOUT, every: 30 })) ? undefined : { code: null };
}

/** Ends the switch, if need be by force, and takes its files away but for the log. */
export async function stopSwitch(files: SwitchFiles): Promise<void> {
	const pid = await findSwitch(files);
	if (pid !== undefined) {
		await order(files.control, { order: "stop" }).catch(() => {});
		const ended = await poll(() => (isProcess(pid, files.config) ? undefined : true), { timeout: END_TIMEOUT, every: 20 });
		if (!ended) kill(pid);
	}
	await Promise.all([files.config, files.pid, files.control].map((path) => rm(path, { force: true })));
}
