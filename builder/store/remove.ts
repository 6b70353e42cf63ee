import { access, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { sync, unless } from "./disk.ts";
import { type Context, entryDir, keyOfTmp, lockFile, tmpPath } from "./layout.ts";
import { type Lock, tryLock } from "./lock.ts";
import { condemn, RECORD } from "./record.ts";

/** Removes an entry unless another holds it; false when it is held. */
export async function removeEntry(ctx: Context, key: string): Promise<boolean> {
	await using lock = await exclusive(ctx, key);
	if (lock) {
		await condemn(ctx, key);
		await discard(ctx, key);
	}
	return lock !== undefined;
}

/** Removes what is left of an entry that was condemned; when others still read it, the next `make` of the key does. */
export async function discardIfCondemned(ctx: Context, key: string): Promise<void> {
	await using lock = await exclusive(ctx, key);
	const whole = await unless(
		["ENOENT"],
		access(join(entryDir(ctx, key), RECORD)).then(() => true),
	);
	if (lock && !whole) await discard(ctx, key);
}

/** Takes `entries/KEY` out of the way whole, then apart: a kill in between leaves nothing that looks like an entry. Needs the lock. */
export async function discard(ctx: Context, key: string): Promise<void> {
	const aside = tmpPath(ctx, key);
	const moved = await unless(
		["ENOENT"],
		rename(entryDir(ctx, key), aside).then(() => true),
	);
	if (!moved) return;
	await sync(ctx.layout.entries);
	await removeFolder(ctx, aside);
}

/**
 * Removes folders below `tmp` that nobody works on any more: whoever works on `tmp/KEY.RANDOM` holds KEY's lock,
 * and the kernel takes it from the dead.
 */
export async function sweep(ctx: Context): Promise<void> {
	const keys = new Set((await readdir(ctx.layout.tmp)).map(keyOfTmp).filter((key) => key !== undefined));
	for (const key of keys) {
		await using lock = await exclusive(ctx, key);
		if (lock) await sweepLocked(ctx, key);
	}
}

/** Removes all of one key's folders below `tmp`, for the holder of its lock. */
export async function sweepLocked(ctx: Context, key: string): Promise<void> {
	for (const name of await readdir(ctx.layout.tmp))
		if (keyOfTmp(name) === key) await removeFolder(ctx, join(ctx.layout.tmp, name));
}

/** Cleaning up must not hide why it was needed, and children of a killed build may still write: what stays is swept next time. */
export async function removeFolder(ctx: Context, dir: string): Promise<void> {
	try {
		await ctx.trees.remove(dir);
	} catch (error) {
		ctx.warn(`${dir} could not be removed, the next build tries again: ${(error as Error).message}`);
	}
}

/** Cleaning up goes on after ^C, so no signal here. */
function exclusive(ctx: Context, key: string): Promise<Lock | undefined> {
	return tryLock(lockFile(ctx, key));
}
