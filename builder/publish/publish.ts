import { chmod, rename, rm, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../core/process/run.ts";

/**
 * Lays an artifact into OUT: under another name first, then renamed, so that whoever reads OUT sees the old or the new
 * one. Holes stay holes, and where the filesystem can, the bytes are shared. The time is that of the store's file:
 * the same size and time say that OUT already has it.
 */
export async function publish(from: string, out: string, name: string, signal?: AbortSignal): Promise<void> {
	const to = join(out, name);
	if (await isSame(from, to)) return;
	const partial = join(out, `.${name}.${process.pid}.partial`);
	try {
		const argv = ["cp", "--reflink=auto", "--sparse=always", "--preserve=timestamps", from, partial];
		await run(argv, { doing: `writing ${to}`, signal, fix: "free some space, or take another folder with --out DIR" });
		await chmod(partial, 0o644);
		await rename(partial, to);
	} finally {
		await rm(partial, { force: true });
	}
}

/** Whether OUT's file is the store's, by size and time (to the microsecond: cp does not set finer on every filesystem). */
export async function isSame(from: string, to: string): Promise<boolean> {
	const [source, target] = await Promise.all([stat(from), stat(to).catch(() => undefined)]);
	return target !== undefined && source.size === target.size && Math.abs(source.mtimeMs - target.mtimeMs) < 0.01;
}

/** `<profile>-latest.<format>` names the newest artifact. */
export async function linkLatest(out: string, profile: string, suffix: string, name: string): Promise<void> {
	const link = join(out, `${profile}-latest.${suffix}`);
	const partial = join(out, `.${profile}-latest.${process.pid}`);
	await symlink(name, partial);
	await rename(partial, link);
}
