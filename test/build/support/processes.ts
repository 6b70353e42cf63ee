import { readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";

/** Everything that a process started, by pid and start time (a pid alone can be given again), with the pid namespaces they are in. */
export interface Family {
	readonly members: readonly string[];
	readonly namespaces: ReadonlySet<string>;
}

interface Seen {
	readonly pid: number;
	readonly parent: number;
	/** Clock ticks since boot, field 22 of /proc/PID/stat (proc(5)). */
	readonly started: string;
	readonly name: string;
	readonly namespace: string;
}

/** The family of a process at this moment. */
export async function familyOf(pid: number): Promise<Family> {
	const all = await processes();
	const ids = new Set([pid]);
	for (let before = 0; before !== ids.size; ) {
		before = ids.size;
		for (const one of all) if (ids.has(one.parent)) ids.add(one.pid);
	}
	const family = all.filter((one) => ids.has(one.pid));
	const own = await readlink("/proc/self/ns/pid");
	return {
		members: family.map(idOf),
		namespaces: new Set(family.map((one) => one.namespace).filter((name) => name !== own && name !== "")),
	};
}

/** Those of a family that are still there, and everything else in its namespaces; waits up to `patience` seconds for none. */
export async function survivors(family: Family, patience = 10): Promise<string[]> {
	const until = Date.now() + patience * 1000;
	for (;;) {
		const left = (await processes()).filter((one) => family.members.includes(idOf(one)) || family.namespaces.has(one.namespace));
		if (left.length === 0 || Date.now() > until) return left.map(({ pid, name }) => `${pid} ${name}`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

/** Mounts of this machine that lie in or come from a folder. */
export async function mountsIn(dir: string): Promise<string[]> {
	return (await readFile("/proc/self/mountinfo", "utf8")).split("\n").filter((line) => line.includes(dir));
}

function idOf({ pid, started }: Seen): string {
	return `${pid}@${started}`;
}

async function processes(): Promise<Seen[]> {
	const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
	return (await Promise.all(pids.map(look))).filter((one) => one !== undefined);
}

async function look(pid: string): Promise<Seen | undefined> {
	const text = await readFile(join("/proc", pid, "stat"), "utf8").catch(() => "");
	const [, name, rest] = /^\d+ \((.*)\) (.*)$/s.exec(text) ?? [];
	// A zombie holds nothing; whoever adopted it will read its exit code some day.
	if (rest === undefined || rest.startsWith("Z")) return undefined;
	const fields = rest.split(" ");
	const namespace = await readlink(join("/proc", pid, "ns/pid")).catch(() => "");
	return { pid: Number(pid), parent: Number(fields[1]), started: fields[19]!, name: name!, namespace };
}
