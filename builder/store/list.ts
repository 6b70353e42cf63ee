import { readdir } from "node:fs/promises";
import type { StepRecord } from "../../core/contract/plan.ts";
import { differences } from "./differences.ts";
import type { Context } from "./layout.ts";
import { entryOf, lastUsed, readRecord } from "./record.ts";
import { removeEntry } from "./remove.ts";
import type { Entry } from "./types.ts";

/** An entry and when it was last found or used (ISO 8601). */
export interface Listed {
	readonly entry: Entry;
	readonly used: string;
}

/** All entries, the newest first. */
export async function list(ctx: Context): Promise<Listed[]> {
	const found: Listed[] = [];
	for (const key of await readdir(ctx.layout.entries)) {
		const stored = await readRecord(ctx, key);
		const used = await lastUsed(ctx, key);
		if (stored && used) found.push({ entry: entryOf(ctx, stored), used: used.toISOString() });
	}
	return found.toSorted((a, b) => newestFirst(a.entry, b.entry));
}

function newestFirst(a: Entry, b: Entry): number {
	return b.made.localeCompare(a.made) || a.key.localeCompare(b.key);
}

/** What differs between `record` and the nearest entry of its slot (the newest of those), for people; nothing when the slot is empty. */
export async function why(ctx: Context, slot: string, record: StepRecord): Promise<string[]> {
	const others = (await list(ctx)).filter(({ entry }) => entry.slot === slot);
	const [nearest] = others.map(({ entry }) => differences(entry.record, record)).toSorted((a, b) => a.length - b.length);
	return nearest ?? [];
}

/** Removes all but the newest `keep` entries of a slot; those in use stay. */
export async function retain(ctx: Context, slot: string, keep: number): Promise<void> {
	const versions = (await list(ctx)).filter(({ entry }) => entry.slot === slot);
	for (const { entry } of versions.slice(keep)) await removeEntry(ctx, entry.key);
}
