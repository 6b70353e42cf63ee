import { readFile } from "node:fs/promises";
import { poll } from "../core/deadline.ts";
import type { MachineSpec } from "./machine.ts";
import { isProcess } from "./process-id.ts";

/** Whether `pid` is that machine's QEMU: alive and started with its QMP socket. */
export async function isMachine(pid: number, spec: MachineSpec): Promise<boolean> {
	return isProcess(pid, spec.files.qmp);
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
