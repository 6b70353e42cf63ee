import { readFile, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { unless, writeAtomic } from "./disk.ts";
import { type Context, entryDir } from "./layout.ts";
import type { Entry } from "./types.ts";

/** What a file was when its entry was made. `mtime` is in nanoseconds, as text because it is above 2^53. */
export interface FileRecord {
	readonly size: number;
	readonly mtime: string;
	readonly sha256: string;
}

/** `record.json`: the entry itself and, for `files`, each file by its path. An entry exists when this file does. */
export interface Stored extends Omit<Entry, "dir"> {
	readonly version: 1;
	readonly files: { readonly [path: string]: FileRecord };
}

/** Name of the record in an entry's folder: no build may write a file of this name. */
export const RECORD = "record.json";

/** The record of a key; undefined when there is none or it is no record of that key. Its time of change is that of last use. */
export async function readRecord(ctx: Context, key: string): Promise<Stored | undefined> {
	const text = await unless(["ENOENT", "ENOTDIR"], readFile(join(entryDir(ctx, key), RECORD), "utf8"));
	if (text === undefined) return undefined;
	const stored = parse(text);
	if (stored?.version === 1 && stored.key === key) return stored;
	ctx.warn(`the cache's record of ${key.slice(0, 12)} cannot be read: it will be made again`);
	return undefined;
}

function parse(text: string): Stored | undefined {
	try {
		return JSON.parse(text) as Stored;
	} catch {
		return undefined;
	}
}

export function writeRecord(dir: string, stored: Stored): Promise<void> {
	return writeAtomic(join(dir, RECORD), `${JSON.stringify(stored, null, "\t")}\n`);
}

/** From here on there is no such entry: readers that hold its files may go on, nobody new will find it. */
export function condemn(ctx: Context, key: string): Promise<void> {
	return rm(join(entryDir(ctx, key), RECORD), { force: true });
}

export async function markUsed(ctx: Context, key: string): Promise<void> {
	const now = new Date();
	await unless(["ENOENT"], utimes(join(entryDir(ctx, key), RECORD), now, now));
}

/** When the entry was last used; undefined when it is gone. */
export async function lastUsed(ctx: Context, key: string): Promise<Date | undefined> {
	return (await unless(["ENOENT"], stat(join(entryDir(ctx, key), RECORD))))?.mtime;
}

export function entryOf(ctx: Context, stored: Stored): Entry {
	const { key, slot, record, info, content, made, seconds, size, files } = stored;
	return { key, slot, record, info, content, made, seconds, size, files, dir: entryDir(ctx, key) };
}
