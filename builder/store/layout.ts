import { randomBytes } from "node:crypto";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import type { TreeKeeper } from "./types.ts";

/** Where things lie in a cache folder. `tmp` is on the same filesystem as the rest, so that a rename is atomic. */
export interface Layout {
	readonly root: string;
	/** `entries/KEY`: whole entries only. */
	readonly entries: string;
	/** `tmp/KEY.RANDOM`: entries being made or removed; written only by the holder of KEY's exclusive lock. */
	readonly tmp: string;
	/** `locks/KEY.lock`: exclusive while KEY is made or removed, shared while it is read. Never unlinked, which would split the lock. */
	readonly locks: string;
	/** `debs/SHA256.deb`. */
	readonly debs: string;
	/** `answers/NAME-KEY.json`. */
	readonly answers: string;
	/** `apt/ID`: an archive's index as last fetched, and apt's files around it. */
	readonly apt: string;
	readonly digests: string;
}

/** What every part of the store works with. */
export interface Context {
	readonly layout: Layout;
	readonly trees: TreeKeeper;
	readonly warn: (text: string) => void;
	readonly signal: AbortSignal | undefined;
}

export function layoutOf(root: string): Layout {
	const below = (name: string) => join(root, name);
	return {
		root,
		entries: below("entries"),
		tmp: below("tmp"),
		locks: below("locks"),
		debs: below("debs"),
		answers: below("answers"),
		apt: below("apt"),
		digests: below("digests.json"),
	};
}

/** `$XDG_CACHE_HOME/clusteros`, or `~/.cache/clusteros`: the XDG specification has relative values ignored. */
export function defaultCacheDir(env: {
	readonly XDG_CACHE_HOME?: string | undefined;
	readonly HOME?: string | undefined;
}): string {
	const xdg = env.XDG_CACHE_HOME;
	return join(xdg && isAbsolute(xdg) ? xdg : join(env.HOME || homedir(), ".cache"), "clusteros");
}

export function entryDir(ctx: Context, key: string): string {
	return join(ctx.layout.entries, key);
}

export function lockFile(ctx: Context, key: string): string {
	return join(ctx.layout.locks, `${key}.lock`);
}

/** A new name below `tmp` that says which key it belongs to. */
export function tmpPath(ctx: Context, key: string): string {
	return join(ctx.layout.tmp, `${key}.${randomBytes(6).toString("hex")}`);
}

/** The key that a name below `tmp` belongs to; undefined for what is not ours. */
export function keyOfTmp(name: string): string | undefined {
	return /^([0-9a-f]{64})\.[0-9a-f]{12}$/.exec(name)?.[1];
}
