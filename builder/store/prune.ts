import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { lastAsked } from "./answers.ts";
import type { Debs } from "./debs.ts";
import { idleIndexes, removeIndex } from "./indexes.ts";
import type { Context } from "./layout.ts";
import { type Listed, list } from "./list.ts";
import { removeEntry, sweep } from "./remove.ts";

/** What to remove. With nothing given: entries that a newer one of their slot has replaced, and what was not used for 30 days. */
export interface PruneOptions {
	readonly all?: boolean | undefined;
	/** Remove what was last used before this many days. */
	readonly olderThanDays?: number | undefined;
	/** Remove the least recently used until this many bytes are left. */
	readonly maxBytes?: number | undefined;
}

/** Bytes on disk; `inUse` are entries that should have gone but are held by another process. */
export interface Pruned {
	readonly removed: readonly string[];
	readonly inUse: readonly string[];
	readonly freed: number;
	readonly left: number;
}

/** One thing that can go. `remove` answers false when it is in use. */
interface Candidate {
	readonly what: string;
	readonly size: number;
	readonly used: string;
	readonly superseded: boolean;
	remove(): Promise<boolean>;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const DEFAULT_DAYS = 30;

/** Removes entries, packages, indexes and answers, the least recently used first; never what another process holds. */
export async function prune(ctx: Context, debs: Debs, options: PruneOptions = {}): Promise<Pruned> {
	await sweep(ctx);
	const candidates = await candidatesOf(ctx, debs);
	const total = candidates.reduce((sum, { size }) => sum + size, 0);
	const goes = judge(options);
	const removed: string[] = [];
	const inUse: string[] = [];
	let left = total;
	for (const candidate of candidates) {
		if (!goes(candidate, left)) continue;
		const isRemoved = await candidate.remove();
		(isRemoved ? removed : inUse).push(candidate.what);
		if (isRemoved) left -= candidate.size;
	}
	await pruneAnswers(ctx, options);
	return { removed, inUse, freed: total - left, left };
}

/** Whether a candidate goes while `left` bytes are kept. */
function judge({ all, olderThanDays, maxBytes }: PruneOptions): (candidate: Candidate, left: number) => boolean {
	const byDefault = !all && olderThanDays === undefined && maxBytes === undefined;
	const before = cutoff(byDefault ? DEFAULT_DAYS : olderThanDays);
	const max = maxBytes ?? Number.POSITIVE_INFINITY;
	return ({ used, superseded }, left) => all === true || used < before || (byDefault && superseded) || left > max;
}

function cutoff(days: number | undefined): string {
	return days === undefined ? "" : new Date(Date.now() - days * DAY_MS).toISOString();
}

async function candidatesOf(ctx: Context, debs: Debs): Promise<Candidate[]> {
	const entries = await list(ctx);
	const kept = await debs.list();
	const indexes = await idleIndexes(ctx);
	const all = [
		...entries.map((listed, at) => entryCandidate(ctx, listed, entries.slice(0, at))),
		...kept.map(({ sha256, size, used }) => ({
			what: `deb ${sha256.slice(0, 12)}`,
			size,
			used,
			superseded: false,
			remove: () => debs.remove(sha256).then(() => true),
		})),
		...indexes.map(({ name, size, used }) => ({
			what: `archive index ${name}`,
			size,
			used,
			superseded: false,
			remove: () => removeIndex(ctx, name).then(() => true),
		})),
	];
	return all.toSorted((a, b) => a.used.localeCompare(b.used));
}

function entryCandidate(ctx: Context, { entry, used }: Listed, newer: readonly Listed[]): Candidate {
	const superseded = newer.some((other) => other.entry.slot === entry.slot);
	return {
		what: `${entry.slot} ${entry.key.slice(0, 12)}`,
		size: entry.size,
		used,
		superseded,
		remove: () => removeEntry(ctx, entry.key),
	};
}

async function pruneAnswers(ctx: Context, options: PruneOptions): Promise<void> {
	const before = options.all ? new Date(Date.now() + DAY_MS) : new Date(cutoff(options.olderThanDays ?? DEFAULT_DAYS));
	for (const name of await readdir(ctx.layout.answers)) {
		const file = join(ctx.layout.answers, name);
		const asked = await lastAsked(file);
		if (asked && asked < before) await rm(file, { force: true });
	}
	if (options.all) await rm(ctx.layout.digests, { force: true });
}
