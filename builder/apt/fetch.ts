import { mkdtemp, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { bytesBelow } from "./bytes-below.ts";
import { runPatiently } from "./patience.ts";
import type { Deb } from "./solve.ts";
import type { World } from "./world.ts";

/** Where downloaded .debs are kept, by their SHA-256. */
export interface DebShelf {
	has(sha256: string): Promise<boolean>;
	/** Takes the file over. @throws when its content is another. */
	add(file: string, sha256: string): Promise<void>;
}

export interface FetchSpec {
	readonly world: World;
	readonly debs: readonly Deb[];
	readonly shelf: DebShelf;
	/** Folder on the shelf's filesystem. */
	readonly temp: string;
	readonly tried: readonly string[];
	readonly signal?: AbortSignal | undefined;
	readonly log?: ((line: string) => void) | undefined;
	readonly progress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Brings every .deb that is not on the shelf, through apt's own downloader (proxies, several at once), each checked
 * against the SHA-256 of the signed index. What came whole is kept even when another one fails. Returns the bytes fetched.
 */
export async function fetchDebs(spec: FetchSpec): Promise<number> {
	const missing = await notKept(spec.debs, spec.shelf);
	if (missing.length === 0) return 0;
	const total = missing.reduce((sum, deb) => sum + deb.size, 0);
	const dir = await mkdtemp(join(spec.temp, "fetch-"));
	const received = async () => {
		const done = await bytesBelow(dir);
		spec.progress?.(Math.min(done, total), total);
		return done;
	};
	try {
		await runPatiently(async () => downloadArgs(await keepWhole(missing, dir, spec.shelf), dir), {
			doing: "downloading packages",
			env: spec.world.env,
			received,
			tried: spec.tried,
			signal: spec.signal,
			log: spec.log,
		});
		for (const deb of await notKept(missing, spec.shelf)) await spec.shelf.add(join(dir, deb.sha256), deb.sha256);
		return total;
	} finally {
		await keepWhole(missing, dir, spec.shelf);
		await rm(dir, { recursive: true, force: true });
	}
}

function downloadArgs(debs: readonly Deb[], dir: string): string[] {
	if (debs.length === 0) return [];
	const triples = debs.flatMap((deb) => [deb.uri, join(dir, deb.sha256), `SHA256:${deb.sha256}`]);
	return ["/usr/lib/apt/apt-helper", "download-file", ...triples];
}

async function notKept(debs: readonly Deb[], shelf: DebShelf): Promise<Deb[]> {
	const kept = await Promise.all(debs.map((deb) => shelf.has(deb.sha256)));
	return debs.filter((_, index) => !kept[index]);
}

/** Moves what is there in its full size onto the shelf, which looks at the digest; returns what is still missing. */
async function keepWhole(debs: readonly Deb[], dir: string, shelf: DebShelf): Promise<Deb[]> {
	for (const deb of await notKept(debs, shelf)) {
		const file = join(dir, deb.sha256);
		const size = await stat(file).then(
			(found) => found.size,
			() => -1,
		);
		if (size === deb.size) await shelf.add(file, deb.sha256).catch(() => rm(file, { force: true }));
	}
	return notKept(debs, shelf);
}
