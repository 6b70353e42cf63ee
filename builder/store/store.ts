import { resolve } from "node:path";
import type { Json, StepRecord } from "../../core/contract/plan.ts";
import { InternalError } from "../../core/errors.ts";
import { type Answer, recall, remember } from "./answers.ts";
import { type Debs, debsOf } from "./debs.ts";
import { fileDigest } from "./digests.ts";
import { find, use } from "./find.ts";
import { makeFolders, nearestFolder } from "./folders.ts";
import { type Context, layoutOf } from "./layout.ts";
import { type Listed, list, retain, why } from "./list.ts";
import { type Made, make } from "./make.ts";
import { type Pruned, type PruneOptions, prune } from "./prune.ts";
import { sweep } from "./remove.ts";
import { explainingNoSpace } from "./space.ts";
import type { Entry, TreeKeeper, Wanted } from "./types.ts";
import { type Verified, verify } from "./verify.ts";

export type { Answer } from "./answers.ts";
export type { Deb, Debs } from "./debs.ts";
export { keyOf } from "./key.ts";
export { defaultCacheDir } from "./layout.ts";
export type { Listed } from "./list.ts";
export type { Made } from "./make.ts";
export type { Pruned, PruneOptions } from "./prune.ts";
export type { Verified } from "./verify.ts";

/** An entry that is held for reading until disposed of. */
export interface HeldEntry extends Made, AsyncDisposable {}

/**
 * What builds leave for later builds, by the digest of what went in. Any number of processes of one user may use one
 * folder at once, and each may be killed at any moment. Everything that writes throws UserError when the disk is full.
 */
export interface Store {
	readonly dir: string;
	/** Where archives' indexes lie; made by who fetches them. */
	readonly apt: string;
	readonly debs: Debs;
	/** The entry, after a quick look (no tree is walked); undefined when there is none or it was damaged and removed aloud. */
	find(key: string): Promise<Entry | undefined>;
	/** The entry, built when it is not there. */
	make(wanted: Wanted): Promise<Made>;
	/** Checks an entry and holds it for reading; undefined when it is gone or was damaged and removed aloud: make it again. */
	use(entry: Entry): Promise<AsyncDisposable | undefined>;
	/** `make` and `use` in one, made again once when it turns out damaged. */
	hold(wanted: Wanted): Promise<HeldEntry>;
	/** What differs from the nearest entry of the slot, a line each; nothing when there is none ("not made before"). */
	why(slot: string, record: StepRecord): Promise<string[]>;
	/** Removes all but the newest `keep` entries of a slot; those in use stay. */
	retain(slot: string, keep: number): Promise<void>;
	/** All entries, the newest first. */
	list(): Promise<Listed[]>;
	prune(options?: PruneOptions): Promise<Pruned>;
	verify(): Promise<Verified>;
	/** SHA-256 of any file, remembered for large ones until they change. */
	fileDigest(path: string): Promise<string>;
	/** A small answer kept under its question; `make` answers it the first time. */
	memo<T extends Json>(name: string, record: StepRecord, make: () => Promise<T>): Promise<T>;
	/** The kept answer, unless it is older than `maxAge` seconds. */
	recall<T extends Json>(name: string, record: StepRecord, maxAge?: number): Promise<Answer<T> | undefined>;
	remember<T extends Json>(name: string, record: StepRecord, value: T): Promise<Answer<T>>;
}

export interface StoreOptions {
	/** Takes what a person should read; a damaged entry is never passed over in silence. */
	readonly warn?: (text: string) => void;
	readonly signal?: AbortSignal | undefined;
}

/**
 * Opens the store in `dir`, made when missing (0700), and removes what killed builds left half-made.
 * @throws UserError when the folder cannot be written.
 */
export async function openStore(dir: string, trees: TreeKeeper, options: StoreOptions = {}): Promise<Store> {
	const { warn = (text: string) => void process.stderr.write(`${text}\n`), signal } = options;
	const ctx: Context = { layout: layoutOf(resolve(dir)), trees, warn, signal };
	await explainingNoSpace(await nearestFolder(ctx.layout.root), () => makeFolders(ctx.layout));
	await sweep(ctx);
	return storeOf(ctx);
}

function storeOf(ctx: Context): Store {
	const debs = debsOf(ctx);
	const explaining = <T>(work: () => Promise<T>) => explainingNoSpace(ctx.layout.root, work);
	const keep: Store["remember"] = (name, record, value) => explaining(() => remember(ctx, name, record, value));
	return {
		dir: ctx.layout.root,
		apt: ctx.layout.apt,
		debs,
		find: (key) => explaining(() => find(ctx, key)),
		make: (wanted) => make(ctx, wanted),
		use: (entry) => explaining(() => use(ctx, entry)),
		hold: (wanted) => hold(ctx, wanted),
		why: (slot, record) => why(ctx, slot, record),
		retain: (slot, count) => retain(ctx, slot, count),
		list: () => list(ctx),
		prune: (wanted) => prune(ctx, debs, wanted),
		verify: () => verify(ctx, debs),
		fileDigest: (path) => explaining(() => fileDigest(ctx, path)),
		memo: async <T extends Json>(name: string, record: StepRecord, answer: () => Promise<T>) =>
			((await recall<T>(ctx, name, record)) ?? (await keep(name, record, await answer()))).value,
		recall: (name, record, maxAge) => recall(ctx, name, record, maxAge),
		remember: keep,
	};
}

/** Between `make` and `use` another process may prune the entry, and a damaged tree shows only in `use`. */
async function hold(ctx: Context, wanted: Wanted): Promise<HeldEntry> {
	for (let attempt = 0; attempt < 3; attempt++) {
		const made = await make(ctx, wanted);
		const lock = await use(ctx, made.entry);
		if (lock) return { ...made, [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose]() };
	}
	throw new InternalError(`${wanted.slot} was damaged each of three times right after it was made`);
}
