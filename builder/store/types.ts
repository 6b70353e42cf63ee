import type { Json, StepRecord } from "../../core/contract/plan.ts";

/** What an entry holds: plain files, or a root filesystem's tree with foreign owners (see {@link TreeKeeper}). */
export type EntryContent = "files" | "tree";

/** One thing in the store. Its files lie in `dir`; a tree in `dir/tree`. */
export interface Entry {
	readonly key: string;
	/** What the entry is a version of, such as `layer:slurm@debian-13`: a miss is explained against the newest entry of its slot. */
	readonly slot: string;
	readonly record: StepRecord;
	/** What its maker wants to know later (epoch, versions, sizes). */
	readonly info: { readonly [name: string]: Json };
	readonly content: EntryContent;
	/** Size (bytes) and SHA-256 of each plain file when it was made; none for a tree. */
	readonly files: { readonly [path: string]: { readonly size: number; readonly sha256: string } };
	/** Absolute folder of the data. */
	readonly dir: string;
	/** ISO 8601. */
	readonly made: string;
	/** Seconds it took to make. */
	readonly seconds: number;
	/** Bytes on disk. */
	readonly size: number;
}

/** What `make` is asked for. `build` fills the empty folder and returns the entry's `info`. */
export interface Wanted {
	readonly key: string;
	readonly slot: string;
	readonly record: StepRecord;
	readonly content: EntryContent;
	build(dir: string): Promise<{ readonly [name: string]: Json }>;
}

/**
 * Trees may hold files that the calling user cannot read or remove (owners from a user namespace),
 * so the store asks this to look at them from inside that namespace.
 */
export interface TreeKeeper {
	/** Writes `dir/inventory`: a line a file with type, mode, owner, size, time and SHA-256. Returns bytes on disk. */
	inventory(dir: string): Promise<number>;
	/** Compares `dir/tree` with `dir/inventory`: sizes, modes and times, and with `deep` the digests too. Returns differences, none when intact. */
	check(dir: string, deep: boolean): Promise<readonly string[]>;
	/** Removes a folder whatever its owners. */
	remove(dir: string): Promise<void>;
}
