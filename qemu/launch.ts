import { once } from "node:events";
import { constants } from "node:fs";
import { copyFile, mkdir, open, readFile, rm } from "node:fs/promises";
import spawn from "cross-spawn";
import { poll } from "../core/deadline.ts";
import { ToolError, UserError } from "../core/errors.ts";
import { toolPath } from "../core/process/run.ts";
import { argv } from "./argv.ts";
import { firmwareFiles } from "./devices/firmware.ts";
import type { MachineSpec } from "./machine.ts";
import { findMachine, kill } from "./process.ts";
import { QmpClient } from "./qmp.ts";
import { SerialLog } from "./serial.ts";
import { StartedMachine } from "./started-machine.ts";

export interface StartOptions {
	/** `parent`: ends with the process that started it, however that ends. `detached`: runs until it is stopped. */
	readonly lifetime: "parent" | "detached";
	readonly signal?: AbortSignal | undefined;
}

/** The longest path that fits a unix socket's address (sun_path of 108 bytes, one of them its end). */
const SOCKET_PATH_MAX = 107;
const START_TIMEOUT = 30_000;

/**
 * Starts a machine and returns once QEMU has made all its devices and runs the guest.
 * @throws ToolError with QEMU's last words when it dies at start; UserError for what the host lacks or a machine that runs.
 */
export async function startMachine(spec: MachineSpec, options: StartOptions): Promise<StartedMachine> {
	await prepare(spec);
	const console = await SerialLog.fromNow(spec.files.serial);
	const command = [...(options.lifetime === "parent" ? dieWithParent : []), ...argv(spec)];
	const pid = await spawnLogged(spec, command, options);
	return new StartedMachine(spec, pid, console);
}

/** The kernel sends SIGKILL when the thread that started the process ends: also after a kill -9 of ours. */
const dieWithParent = ["setpriv", "--pdeathsig", "KILL", "--"];

async function prepare(spec: MachineSpec): Promise<void> {
	const { files, name } = spec;
	if (Buffer.byteLength(files.qmp) > SOCKET_PATH_MAX) {
		throw new UserError("host", {
			message: `the path of the socket for ${name} is longer than ${SOCKET_PATH_MAX} bytes: ${files.qmp}`,
			fix: "use a folder with a shorter path",
		});
	}
	const pid = await findMachine(spec);
	if (pid !== undefined) throw new UserError("failed", { message: `machine ${name} already runs (process ${pid})` });
	await mkdir(files.dir, { recursive: true, mode: 0o700 });
	await rm(files.pid, { force: true });
	await copyVariables(spec);
}

/** A machine's own UEFI variables; kept when they are there, as a board keeps them over power cycles. */
async function copyVariables(spec: MachineSpec): Promise<void> {
	const firmware = firmwareFiles(spec.firmware);
	if (!firmware) return;
	await copyFile(firmware.vars, spec.files.vars, constants.COPYFILE_EXCL).catch((error: NodeJS.ErrnoException) => {
		if (error.code === "EEXIST") return;
		if (error.code !== "ENOENT") throw error;
		throw new UserError("host", { message: `no UEFI firmware: ${firmware.vars} is missing`, fix: "apt install ovmf" });
	});
}

/** Starts the program with both its streams in the log; returns its process id once it answers on QMP. */
async function spawnLogged(spec: MachineSpec, command: readonly string[], options: StartOptions): Promise<number> {
	const log = await open(spec.files.log, "w", 0o600);
	const child = spawn(command[0]!, command.slice(1), {
		stdio: ["ignore", log.fd, log.fd],
		detached: options.lifetime === "detached",
		env: { ...process.env, PATH: toolPath(), LC_ALL: "C.UTF-8" },
	});
	const failed = once(child, "exit").then(
		([code, signal]) => ({ code: code as number | null, signal: signal as string | null }),
		(error: Error) => ({ code: null, signal: null, error }),
	);
	child.unref();
	await log.close();
	const settled = new AbortController();
	const signal = AbortSignal.any([settled.signal, ...(options.signal ? [options.signal] : [])]);
	try {
		const death = await Promise.race([failed, untilAnswering(spec, signal)]);
		if (death) throw await deathAtStart(spec, death);
		return child.pid!;
	} catch (error) {
		if (child.pid !== undefined) kill(child.pid);
		throw error;
	} finally {
		settled.abort();
	}
}

async function untilAnswering(spec: MachineSpec, signal: AbortSignal): Promise<undefined> {
	const answered = await poll(() => answers(spec), { timeout: START_TIMEOUT, every: 50, signal });
	if (!answered) throw new Error(`QEMU runs for ${spec.name} but does not answer on ${spec.files.qmp}`);
}

/** QEMU greets only once its main loop runs, when every device has been made. */
async function answers(spec: MachineSpec): Promise<true | undefined> {
	try {
		await using _client = await QmpClient.connect(spec.files.qmp);
		return true;
	} catch {
		return undefined;
	}
}

interface Death {
	readonly code: number | null;
	readonly signal: string | null;
	readonly error?: Error;
}

async function deathAtStart(spec: MachineSpec, death: Death): Promise<ToolError> {
	const printed = (await readFile(spec.files.log, "utf8")).trim().split("\n");
	return new ToolError({
		doing: `starting machine ${spec.name}`,
		argv: argv(spec),
		exitCode: death.code,
		signal: death.signal,
		tail: death.error ? [death.error.message] : printed.slice(-10),
		fix: `the whole log is ${spec.files.log}`,
	});
}
