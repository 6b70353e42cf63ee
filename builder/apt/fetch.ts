import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../core/process/run.ts";
import { explainAptFailure } from "./failures.ts";
import type { Deb } from "./solve.ts";
import type { World } from "./world.ts";

/** Where downloaded .debs are kept, by their SHA-256. */
export interface DebShelf {
	has(sha256: string): Promise<boolean>;
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
 * Brings every .deb that is not on the shelf, through apt's own downloader (proxies, retries, several at once),
 * each checked against the SHA-256 of the signed index. Returns the bytes fetched.
 */
export async function fetchDebs(spec: FetchSpec): Promise<number> {
	const missing: Deb[] = [];
	for (const deb of spec.debs) if (!(await spec.shelf.has(deb.sha256))) missing.push(deb);
	if (missing.length === 0) return 0;
	const total = missing.reduce((sum, deb) => sum + deb.size, 0);
	const dir = await mkdtemp(join(spec.temp, "fetch-"));
	const watch = setInterval(() => void bytesIn(dir).then((done) => spec.progress?.(Math.min(done, total), total)), 500);
	try {
		await download(missing, dir, spec);
		for (const deb of missing) await spec.shelf.add(join(dir, deb.sha256), deb.sha256);
		return total;
	} finally {
		clearInterval(watch);
		await rm(dir, { recursive: true, force: true });
	}
}

async function download(missing: readonly Deb[], dir: string, spec: FetchSpec): Promise<void> {
	const lines: string[] = [];
	const triples = missing.flatMap((deb) => [deb.uri, join(dir, deb.sha256), `SHA256:${deb.sha256}`]);
	await run(["/usr/lib/apt/apt-helper", "download-file", ...triples], {
		doing: "downloading packages",
		env: spec.world.env,
		signal: spec.signal,
		onLine: (line) => {
			lines.push(line);
			spec.log?.(line);
		},
	}).catch((error: unknown) => {
		throw explainAptFailure(error, lines.join("\n"), spec.tried);
	});
}

async function bytesIn(dir: string): Promise<number> {
	const names = await readdir(dir).catch(() => []);
	const sizes = await Promise.all(
		names.map((name) =>
			stat(join(dir, name)).then(
				(s) => s.size,
				() => 0,
			),
		),
	);
	return sizes.reduce((sum, size) => sum + size, 0);
}
