import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../core/process/run.ts";
import type { Disk } from "./machine.ts";

/** Plain files of a NoCloud seed by name: `meta-data`, `user-data`, `network-config`. No folders. */
export type SeedFiles = Readonly<Record<string, string>>;

const MIB = 1024 * 1024;

/**
 * Makes a FAT volume labelled CIDATA with these files, as cloud-init looks for it on any disk. Readable by its owner alone:
 * a seed holds secrets.
 */
export async function createSeedDisk(file: string, seed: SeedFiles): Promise<Disk> {
	const folder = await mkdtemp(join(tmpdir(), "clusteros-seed-"));
	try {
		const paths = await writeFiles(folder, seed);
		const content = Object.values(seed).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
		await createEmpty(file, 2 * MIB + 2 * content);
		await run(["mkfs.vfat", "-n", "CIDATA", file], { doing: `making the seed volume ${file}` });
		await run(["mcopy", "-i", file, ...paths, "::"], { doing: `copying the seed into ${file}` });
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
	return { file, format: "raw", readonly: true };
}

async function writeFiles(folder: string, seed: SeedFiles): Promise<string[]> {
	const paths = Object.keys(seed).map((name) => join(folder, name));
	await Promise.all(Object.values(seed).map((text, i) => writeFile(paths[i]!, text, { mode: 0o600 })));
	return paths;
}

/** Truncates first: what was there before must not show, and its mode must not stay. */
async function createEmpty(file: string, size: number): Promise<void> {
	await rm(file, { force: true });
	await using handle = await open(file, "wx", 0o600);
	await handle.truncate(Math.ceil(size / 512) * 512);
}
