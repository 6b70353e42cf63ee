import { damages, looksIntact, withTimesOfNow } from "./contents.ts";
import { type Context, entryDir, lockFile } from "./layout.ts";
import { tryLock, waitLock } from "./lock.ts";
import { condemn, entryOf, markUsed, readRecord, type Stored, writeRecord } from "./record.ts";
import { discardIfCondemned } from "./remove.ts";
import type { Entry } from "./types.ts";

/**
 * The entry of a key, if it is whole as far as a quick look tells: sizes and times of `files`; nothing of a `tree`,
 * which {@link use} looks at. A file that was merely touched is accepted; a spoiled entry is removed aloud.
 */
export async function find(ctx: Context, key: string): Promise<Entry | undefined> {
	const stored = await readRecord(ctx, key);
	if (!stored) return undefined;
	const dir = entryDir(ctx, key);
	if (stored.content === "files" && !(await looksIntact(dir, stored.files))) return findSuspect(ctx, key);
	await markUsed(ctx, key);
	return entryOf(ctx, stored);
}

/** As {@link find}, for the holder of the exclusive lock. */
export async function findLocked(ctx: Context, key: string): Promise<Entry | undefined> {
	const stored = await readRecord(ctx, key);
	if (!stored || !(await settle(ctx, stored))) return undefined;
	await markUsed(ctx, key);
	return entryOf(ctx, stored);
}

/** Under the shared lock nobody can be replacing the entry that is judged. */
async function findSuspect(ctx: Context, key: string): Promise<Entry | undefined> {
	const lock = await tryLock(lockFile(ctx, key), { shared: true, signal: ctx.signal });
	if (!lock) return undefined;
	let entry: Entry | undefined;
	try {
		entry = await findLocked(ctx, key);
	} finally {
		await lock[Symbol.asyncDispose]();
	}
	if (!entry) await discardIfCondemned(ctx, key);
	return entry;
}

/** Judges `files` whose size or time changed by their digests: right ones get their time recorded, wrong ones condemn the entry. */
async function settle(ctx: Context, stored: Stored): Promise<boolean> {
	if (stored.content === "tree") return true;
	const dir = entryDir(ctx, stored.key);
	if (await looksIntact(dir, stored.files)) return true;
	const differences = await damages(dir, stored.files, "suspects");
	if (differences.length === 0) await writeRecord(dir, { ...stored, files: await withTimesOfNow(dir, stored.files) });
	else await condemnAloud(ctx, stored, differences);
	return differences.length === 0;
}

export async function condemnAloud(
	ctx: Context,
	entry: Pick<Entry, "slot" | "key">,
	differences: readonly string[],
): Promise<void> {
	const more = differences.length > 3 ? ` and ${differences.length - 3} more` : "";
	const what = differences.slice(0, 3).join(", ") + more;
	ctx.warn(`the cache's ${entry.slot} (${entry.key.slice(0, 12)}) is damaged and is removed: ${what}`);
	await condemn(ctx, entry.key);
}

/**
 * Holds an entry for reading: until disposed of, no other process removes it.
 * Looks at it first; undefined when it is gone or damaged (then removed aloud): `make` it again.
 */
export async function use(ctx: Context, entry: Entry): Promise<AsyncDisposable | undefined> {
	const waiting = () => ctx.warn(`waiting for another build that is making ${entry.slot}`);
	const lock = await waitLock(lockFile(ctx, entry.key), waiting, { shared: true, signal: ctx.signal });
	try {
		if (await isIntact(ctx, entry.key)) return lock;
	} catch (error) {
		await lock[Symbol.asyncDispose]();
		throw error;
	}
	await lock[Symbol.asyncDispose]();
	await discardIfCondemned(ctx, entry.key);
	return undefined;
}

async function isIntact(ctx: Context, key: string): Promise<boolean> {
	const stored = await readRecord(ctx, key);
	if (!stored) return false;
	const differences = await treeDifferences(ctx, stored);
	if (differences.length > 0) await condemnAloud(ctx, stored, differences);
	else if (!(await settle(ctx, stored))) return false;
	await markUsed(ctx, key);
	return differences.length === 0;
}

/** A quick look, and the digests only when that finds something. */
async function treeDifferences(ctx: Context, stored: Stored): Promise<readonly string[]> {
	if (stored.content === "files") return [];
	const dir = entryDir(ctx, stored.key);
	const seen = await ctx.trees.check(dir, false);
	return seen.length === 0 ? [] : ctx.trees.check(dir, true);
}

/** Every difference that reading all of an entry finds; for a caller that holds its lock. */
export async function deepDifferences(ctx: Context, stored: Stored): Promise<readonly string[]> {
	const dir = entryDir(ctx, stored.key);
	return stored.content === "tree" ? ctx.trees.check(dir, true) : damages(dir, stored.files, "all");
}
