import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { unless } from "./disk.ts";
import type { Context } from "./layout.ts";

/** A folder of apt's that no build is using: its bytes on disk and when it was last written (ISO 8601). */
export interface IdleIndex {
	readonly name: string;
	readonly size: number;
	readonly used: string;
}

/** Milliseconds. A build takes an index that is younger than a day and holds no lock on it; an hour more for one that has just begun. */
const IN_USE = 25 * 60 * 60 * 1000;

/** Indexes too old to be taken by a build, and what killed fetches left behind. */
export async function idleIndexes(ctx: Context): Promise<IdleIndex[]> {
	const names = (await unless(["ENOENT"], readdir(ctx.layout.apt))) ?? [];
	const found = await Promise.all(names.map((name) => look(ctx, name)));
	const before = new Date(Date.now() - IN_USE).toISOString();
	return found.filter(({ used }) => used < before);
}

export async function removeIndex(ctx: Context, name: string): Promise<void> {
	await rm(join(ctx.layout.apt, name), { recursive: true, force: true });
}

/** apt keeps its lists' times as the archive has them: what says when they came lies beside them. */
async function look(ctx: Context, name: string): Promise<IdleIndex> {
	const dir = join(ctx.layout.apt, name);
	const below = (await unless(["ENOENT", "ENOTDIR"], readdir(dir, { recursive: true }))) ?? [];
	const stats = await Promise.all(["", ...below].map((path) => unless(["ENOENT"], stat(join(dir, path)))));
	const there = stats.filter((one) => one !== undefined);
	const newest = Math.max(0, ...there.map(({ mtimeMs }) => mtimeMs));
	return { name, size: there.reduce((sum, { blocks }) => sum + blocks * 512, 0), used: new Date(newest).toISOString() };
}
