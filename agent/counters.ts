import { keepFile, readText } from "./files.ts";
import { COUNTERS } from "./paths.ts";
import type { World } from "./world.ts";

/** What has to be counted over boots. */
export interface Counters {
	/** Of the last announcement. */
	readonly seq: number;
	/** How often an unknown machine had to take another mesh address. */
	readonly attempt: number;
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
