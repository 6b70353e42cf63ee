import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writePrivate } from "../../core/private-file.ts";
import { SEED_NAMES, type SeedTexts } from "./names.ts";

/** Writes a seed as plain files, 0600, as they are copied to a CIDATA partition or a USB stick; a file of an older seed goes. */
export async function writeSeedFolder(folder: string, seed: SeedTexts): Promise<string[]> {
	await mkdir(folder, { recursive: true, mode: 0o700 });
	const stale = SEED_NAMES.filter((name) => seed[name] === undefined);
	await Promise.all(stale.map((name) => rm(join(folder, name), { force: true })));
	const paths: string[] = [];
	for (const [name, text] of Object.entries(seed)) {
		const path = join(folder, name);
		await writePrivate(path, text);
		paths.push(path);
	}
	return paths;
}

/** Does `work` with a seed's files in a folder that only this user can read, gone afterwards. */
export async function withSeedFolder<T>(seed: SeedTexts, work: (folder: string, paths: string[]) => Promise<T>): Promise<T> {
	const folder = await mkdtemp(join(tmpdir(), "clusteros-seed-"));
	try {
		return await work(folder, await writeSeedFolder(folder, seed));
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}
