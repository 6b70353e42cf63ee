import { chmod, readdir, rename, rm, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../core/process/run.ts";

/**
 * Puts a file of OUT in its place: `write` makes it under a name of this process, which is then renamed, so that
 * whoever reads OUT sees the old or the new one, and two builds into one OUT do not meet half-way.
 */
export async function place(out: string, name: string, write: (partial: string) => Promise<unknown>): Promise<void> {
	const partial = join(out, `.${name}.${process.pid}.partial`);
	try {
		await write(partial);
		await rename(partial, join(out, name));
	} finally {
		await rm(partial, { force: true });
	}
}

/** Removes what killed builds left half-written in OUT: partial files of processes that are no more. */
export async function sweepPartials(out: string): Promise<void> {
	for (const name of await readdir(out)) {
		const pid = Number(/^\..+\.(\d+)\.partial$/.exec(name)?.[1]);
		if (pid && (pid === process.pid || !isAlive(pid))) await rm(join(out, name), { force: true });
	}
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code !== "ESRCH";
	}
}

/**
 * Lays an artifact into OUT. Holes stay holes, and where the filesystem can, the bytes are shared. The time is that of
 * the store's file: the same size and time say that OUT already has it.
 */
export async function publish(from: string, out: string, name: string, signal?: AbortSignal): Promise<void> {
	if (await isSame(from, join(out, name))) return;
	await place(out, name, async (partial) => {
		const argv = ["cp", "--reflink=auto", "--sparse=auto", "--preserve=timestamps", from, partial];
		const fix = "free some space, or take another folder with --out DIR";
		await run(argv, { doing: `writing ${join(out, name)}`, signal, fix });
		await chmod(partial, 0o644);
	});
}

/** Whether OUT's file is the store's, by size and time (to the microsecond: cp does not set finer on every filesystem). */
export async function isSame(from: string, to: string): Promise<boolean> {
	const [source, target] = await Promise.all([stat(from), stat(to).catch(() => undefined)]);
	return target !== undefined && source.size === target.size && Math.abs(source.mtimeMs - target.mtimeMs) < 0.01;
}

/** `<profile>-latest.<format>` names the newest artifact. */
export function linkLatest(out: string, profile: string, suffix: string, name: string): Promise<void> {
	return place(out, `${profile}-latest.${suffix}`, (partial) => symlink(name, partial));
}
