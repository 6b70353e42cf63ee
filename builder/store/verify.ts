import type { Debs } from "./debs.ts";
import { condemnAloud, deepDifferences } from "./find.ts";
import { type Context, lockFile } from "./layout.ts";
import { list } from "./list.ts";
import { tryLock } from "./lock.ts";
import { readRecord } from "./record.ts";
import { discardIfCondemned } from "./remove.ts";
import type { Entry } from "./types.ts";

/** `busy` entries are being made or removed by another process at this moment. */
export interface Verified {
	readonly checked: number;
	readonly busy: readonly string[];
	readonly bad: readonly { readonly slot: string; readonly key: string; readonly differences: readonly string[] }[];
}

/** Reads everything and compares digests. What is damaged is removed: it could only be made again. */
export async function verify(ctx: Context, debs: Debs): Promise<Verified> {
	const bad: Verified["bad"][number][] = [];
	const busy: string[] = [];
	const entries = await list(ctx);
	for (const { entry } of entries) {
		const differences = await verifyEntry(ctx, entry);
		if (!differences) busy.push(entry.slot);
		else if (differences.length > 0) bad.push({ slot: entry.slot, key: entry.key, differences });
	}
	const packages = await debs.list();
	for (const key of await debs.verify()) bad.push({ slot: "deb", key, differences: ["has other content (SHA-256)"] });
	return { checked: entries.length + packages.length - busy.length, busy, bad };
}

/** Differences, none when intact; undefined when the entry is being made or removed. */
async function verifyEntry(ctx: Context, { key }: Entry): Promise<readonly string[] | undefined> {
	const differences = await underLock(ctx, key);
	if (differences && differences.length > 0) await discardIfCondemned(ctx, key);
	return differences;
}

async function underLock(ctx: Context, key: string): Promise<readonly string[] | undefined> {
	await using lock = await tryLock(lockFile(ctx, key), { shared: true, signal: ctx.signal });
	const stored = lock && (await readRecord(ctx, key));
	if (!stored) return undefined;
	const differences = await deepDifferences(ctx, stored);
	if (differences.length > 0) await condemnAloud(ctx, stored, differences);
	return differences;
}
