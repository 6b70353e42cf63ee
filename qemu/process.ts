import { readFile } from "node:fs/promises";
import { poll } from "../core/deadline.ts";
import type { MachineSpec } from "./machine.ts";

/**
 * Whether `pid` is that machine's QEMU: alive (no zombie) and started with its QMP socket. Process ids are used again, so
 * that a number from a file must not be trusted, least of all with a signal.
 */
export async function isMachine(pid: number, spec: MachineSpec): Promise<boolean> {
	const cmdline = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
	return cmdline.split("\0").some((word) => word.includes(spec.files.qmp));
}

/** The machine's process id, when it runs; from the file that QEMU writes and locks. */
export async function findMachine(spec: MachineSpec): Promise<number | undefined> {
	const pid = Number.parseInt(await readFile(spec.files.pid, "utf8").catch(() => ""), 10);
	return Number.isInteger(pid) && (await isMachine(pid, spec)) ? pid : undefined;
}

/** Whether the process was gone within `timeout` ms. */
export async function hasEnded(pid: number, spec: MachineSpec, timeout: number): Promise<boolean> {
	const ended = async () => ((await isMachine(pid, spec)) ? undefined : true);
	return (await poll(ended, { timeout, every: 50 })) ?? false;
}

/** SIGKILL; that the process has ended by itself meanwhile is no error. */
export function kill(pid: number): void {
	try {
		process.kill(pid, "SIGKILL");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
	}
}
