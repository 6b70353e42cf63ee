import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { run } from "../../core/process/run.ts";

/** One timed run. Seconds; `cpu` is what its processes used, `others` what everything else on the machine used meanwhile. */
export interface Sample {
	readonly seconds: number;
	readonly cpu: number;
	readonly others: number;
	/** Load average over the minute before. */
	readonly load: number;
}

/** Linux counts processor time in ticks of 1/100 s towards programs (USER_HZ), whatever the kernel's own clock. */
export const TICKS = 100;

/**
 * Times one run. What earlier runs left to be written goes to disk first, so that nobody pays for another; caches of the
 * kernel are left as they are for every side. `running` tells the processes that are part of it and go on afterwards.
 */
export async function measure<T>(
	work: () => Promise<T>,
	running: () => readonly number[] = () => [],
): Promise<{ readonly sample: Sample; readonly result: T }> {
	await run(["sync"], { doing: "writing out what earlier runs left" });
	const [load] = loadavg();
	const used = () => childrenTicks() + running().reduce((sum, pid) => sum + processTicks(pid), 0);
	const [own, machine] = [used(), machineTicks()];
	const started = performance.now();
	const result = await work();
	const seconds = (performance.now() - started) / 1000;
	const cpu = (used() - own) / TICKS;
	const others = Math.max(0, (machineTicks() - machine) / TICKS - cpu);
	return { sample: { seconds: round(seconds), cpu: round(cpu), others: round(others), load: round(load!) }, result };
}

/** User and system time of our children that have ended, and of theirs. */
function childrenTicks(): number {
	return parseStat(readFileSync("/proc/self/stat", "latin1")).children;
}

/** User and system time of a process so far; 0 for one that is gone. */
export function processTicks(pid: number): number {
	try {
		return parseStat(readFileSync(`/proc/${pid}/stat`, "latin1")).own;
	} catch {
		return 0;
	}
}

/** Ticks of a process and of its children that have ended: fields 14 to 17 of proc_pid_stat(5). Its name may hold anything. */
export function parseStat(text: string): { readonly own: number; readonly children: number } {
	const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
	const [user, system, childrenUser, childrenSystem] = fields.slice(11, 15).map(Number);
	return { own: user! + system!, children: childrenUser! + childrenSystem! };
}

/** Time in which some processor worked: all but idle and iowait of proc_stat(5)'s first line; guest time is in user already. */
function machineTicks(): number {
	const [user, nice, system, , , irq, softirq, steal] = readFileSync("/proc/stat", "latin1")
		.split("\n")[0]!
		.split(/ +/)
		.slice(1)
		.map(Number);
	return user! + nice! + system! + irq! + softirq! + steal!;
}

function round(value: number): number {
	return Math.round(value * 1000) / 1000;
}
