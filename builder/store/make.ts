import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { InternalError, Interrupted } from "../../core/errors.ts";
import { survey } from "./contents.ts";
import { renameSynced, sync, unless } from "./disk.ts";
import { find, findLocked } from "./find.ts";
import { type Context, entryDir, lockFile, tmpPath } from "./layout.ts";
import { waitLock } from "./lock.ts";
import { entryOf, RECORD, type Stored, writeRecord } from "./record.ts";
import { discard, removeFolder, sweepLocked } from "./remove.ts";
import { explained, explainingNoSpace } from "./space.ts";
import type { Entry, Wanted } from "./types.ts";

/** An entry, and whether it was there already (also when another build made it while we waited). */
export interface Made {
	readonly entry: Entry;
	readonly cached: boolean;
}

/**
 * The entry of `wanted.key`, built when it is not there. It appears whole or not at all; two builds that want it at
 * once make it once. Whatever `build` throws is thrown on, a full disk explained, and nothing is left behind.
 */
export async function make(ctx: Context, wanted: Wanted): Promise<Made> {
	return explainingNoSpace(ctx.layout.root, async () => {
		const ready = await find(ctx, wanted.key);
		if (ready) return { entry: ready, cached: true };
		const waiting = () => ctx.warn(`waiting for another build to make ${wanted.slot}`);
		await using _lock = await waitLock(lockFile(ctx, wanted.key), waiting, { signal: ctx.signal });
		const shared = await findLocked(ctx, wanted.key);
		if (shared) return { entry: shared, cached: true };
		await discard(ctx, wanted.key);
		await sweepLocked(ctx, wanted.key);
		return { entry: await build(ctx, wanted), cached: false };
	});
}

async function build(ctx: Context, wanted: Wanted): Promise<Entry> {
	const dir = tmpPath(ctx, wanted.key);
	const started = performance.now();
	try {
		await mkdir(dir);
		const info = await wanted.build(dir);
		const seconds = Math.round(performance.now() - started) / 1000;
		if (ctx.signal?.aborted) throw new Interrupted();
		const stored = await seal(ctx, wanted, dir, { info, seconds });
		await renameSynced(dir, entryDir(ctx, wanted.key));
		return entryOf(ctx, stored);
	} catch (error) {
		const said = await explained(ctx.layout.root, error);
		await removeFolder(ctx, dir);
		throw said;
	}
}

/** Writes down what was built, the record last: a folder with a record is whole. */
async function seal(ctx: Context, wanted: Wanted, dir: string, done: Pick<Stored, "info" | "seconds">): Promise<Stored> {
	const { key, slot, record, content } = wanted;
	if (await unless(["ENOENT"], stat(join(dir, RECORD))))
		throw new InternalError(`${slot} wrote a file ${RECORD}: the name is the store's`);
	// The files of a tree are not synced one by one: what a power cut takes from them shows in their sizes when next used.
	const { files, size } = content === "files" ? await survey(dir) : { files: {}, size: await ctx.trees.inventory(dir) };
	const stored: Stored = { version: 1, key, slot, record, content, ...done, made: new Date().toISOString(), size, files };
	await writeRecord(dir, stored);
	await sync(dir);
	return stored;
}
