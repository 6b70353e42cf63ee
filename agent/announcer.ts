import type { KeyObject } from "node:crypto";
import { type AnnounceKey, sealAnnouncement } from "../core/node/announce.ts";
import type { Member } from "../core/node/types.ts";
import { keepFile, readText } from "./files.ts";
import { COUNTERS } from "./paths.ts";
import { UP_TAG } from "./trust/roster.ts";
import type { World } from "./world.ts";

/** What has to be counted over boots. */
export interface Counters {
	/** Of the last announcement. */
	readonly seq: number;
	/** How often an unknown machine had to take another mesh address. */
	readonly attempt: number;
}

/** What a node says of itself. */
export interface Saying {
	readonly self: Member;
	readonly id: string;
	readonly key: KeyObject;
	readonly wg: string;
	/** ADDRESS:PORT on the LAN. */
	readonly endpoint: string;
	readonly announceKey: AnnounceKey;
	/** Boot and clock steps. */
	readonly up: string;
}

export function loadCounters(world: World): Counters {
	try {
		return { seq: 0, attempt: 0, ...(JSON.parse(readText(world, COUNTERS) ?? "{}") as Partial<Counters>) };
	} catch {
		return { seq: 0, attempt: 0 };
	}
}

export function saveCounters(world: World, counters: Counters): void {
	keepFile(world, { path: COUNTERS, content: `${JSON.stringify(counters)}\n`, mode: 0o600 });
}

/**
 * The tags that announce this, under a number higher than any before: also when the counter was lost with the disk, since a
 * controller keeps its identity then and others remember its last number. The counter is on disk before anybody hears it.
 */
export function announcementTags(world: World, { self, id, key, wg, endpoint, announceKey, up }: Saying): Record<string, string> {
	const counters = loadCounters(world);
	const seq = Math.max(counters.seq + 1, Math.floor(world.now().getTime() / 1000));
	saveCounters(world, { ...counters, seq });
	const { name, mesh, roles } = self;
	const announcement = { v: 1 as const, name, id, wg, endpoint, mesh, roles: [...roles], seq };
	return { ...sealAnnouncement(announcement, key, announceKey), [UP_TAG]: up };
}
