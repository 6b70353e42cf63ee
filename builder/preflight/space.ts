import { constants } from "node:fs";
import { stat, statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { may } from "../../core/access.ts";
import type { Problem } from "../../core/errors.ts";
import { bytes } from "../ui/format.ts";

/** Whether the disk that holds (or will hold) `dir` has `needBytes` left for this user; the problem when not. */
export async function checkSpace(dir: string, needBytes: number): Promise<Problem | undefined> {
	const existing = await nearestFolder(dir);
	const disk = await statfs(existing);
	const free = disk.bavail * disk.bsize;
	if (free >= needBytes) return undefined;
	return {
		message: `not enough space for ${dir}: about ${bytes(needBytes)} needed, ${bytes(free)} free`,
		fix: "clusteros cache prune, or take another disk with --cache-dir or --out",
	};
}

/** Whether `dir` is, or can be made, a folder that this user can write; the problem when not. */
export async function checkWritable(dir: string, option: string): Promise<Problem | undefined> {
	const existing = await nearestFolder(dir);
	const fix = `take another folder with ${option}`;
	if (!(await stat(existing)).isDirectory()) return { message: `${existing} is not a folder`, fix };
	return (await may(existing, constants.W_OK | constants.X_OK))
		? undefined
		: { message: `${existing} cannot be written by this user`, fix };
}

/** `dir`, or the nearest of its parents that is there. */
async function nearestFolder(dir: string): Promise<string> {
	let at = resolve(dir);
	while (!(await may(at)) && at !== dirname(at)) at = dirname(at);
	return at;
}
