import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { UserError } from "../../core/errors.ts";
import { clusterFiles } from "./files.ts";

/**
 * Does `work` while no other command starts or stops machines of the cluster in that state folder. A holder that was killed
 * does not count: the file names a process and when that started. @throws UserError when another command is at it.
 */
export async function withLock<T>(dir: string, work: () => Promise<T>): Promise<T> {
	const file = clusterFiles(dir).lock;
	await mkdir(dir, { recursive: true, mode: 0o700 });
	take(file);
	try {
		return await work();
	} finally {
		rmSync(file, { force: true });
	}
}

function take(file: string): void {
	const me = `${process.pid} ${startOf(process.pid)}`;
	for (let attempt = 0; attempt < 2; attempt++) {
		try {
			writeFileSync(file, me, { flag: "wx", mode: 0o600 });
			return;
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
			const holder = livingHolder(file);
			if (holder !== undefined) throw busy(holder);
			rmSync(file, { force: true });
		}
	}
	throw busy("another one");
}

function busy(holder: string): UserError {
	const message = `another command is starting or stopping this cluster's machines (process ${holder})`;
	return new UserError("failed", { message, fix: "wait until it has finished, or end it" });
}

function livingHolder(file: string): string | undefined {
	const [pid = "", start] = readText(file).split(" ");
	return start !== undefined && startOf(pid) === start ? pid : undefined;
}

/** Field 22 of /proc/PID/stat (proc_pid_stat(5)), in ticks since boot: a process id alone is used again. */
function startOf(pid: number | string): string | undefined {
	return readText(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ")[19];
}

function readText(file: string): string {
	try {
		return readFileSync(file, "utf8");
	} catch {
		return "";
	}
}
