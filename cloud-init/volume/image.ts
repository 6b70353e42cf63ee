import { chmod, open, stat } from "node:fs/promises";
import { UserError } from "../../core/errors.ts";
import { quote } from "../../core/process/quote.ts";
import { run } from "../../core/process/run.ts";
import { withSeedFolder } from "./folder.ts";
import { SEED_LABEL, SEED_NAMES, type SeedTexts } from "./names.ts";

/** Writing a seed into a disk image's own CIDATA partition: no mount, no root. */

/**
 * Puts a seed into the CIDATA partition of a raw image, in place of what seed it held. The image becomes 0600.
 * @throws UserError when the file is no raw disk image, has no such partition, or shares its bytes with another name.
 */
export async function writeSeedIntoImage(image: string, seed: SeedTexts): Promise<void> {
	await mustBeOurs(image);
	const offset = await seedPartition(image);
	await chmod(image, 0o600);
	const drive = `${image}@@${offset}`;
	const there = await run(["mdir", "-b", "-i", drive, "::"], { doing: `looking into ${image}'s ${SEED_LABEL} partition` });
	const stale = SEED_NAMES.filter((name) => there.stdout.split("\n").includes(`::/${name}`));
	if (stale.length > 0) await run(["mdel", "-i", drive, ...stale.map((name) => `::${name}`)], { doing: "removing the old seed" });
	await withSeedFolder(seed, (_, paths) =>
		run(["mcopy", "-i", drive, ...paths, "::"], { doing: `copying the seed into ${image}` }),
	);
}

async function mustBeOurs(image: string): Promise<void> {
	const found = await stat(image).catch((error: NodeJS.ErrnoException) => {
		if (error.code !== "ENOENT") throw error;
		throw new UserError("usage", { message: `there is no image ${image}`, fix: "build one: clusteros build --format raw" });
	});
	if (!found.isFile()) throw new UserError("usage", { message: `${image} is not a file`, fix: "name a raw disk image" });
	if (found.nlink === 1) return;
	const message = `${image} has other names (hard links): they would get the seed and its secrets as well`;
	throw new UserError("usage", {
		message,
		fix: `make a copy first: cp --sparse=always ${quote(image)} ${quote(`seeded-${nameIn(image)}`)}`,
	});
}

function nameIn(path: string): string {
	return path.split("/").at(-1)!;
}

/** Where the partition with the label CIDATA starts, in bytes. */
async function seedPartition(image: string): Promise<number> {
	await using file = await open(image, "r");
	const bytesAt = async (at: number, length: number) => (await file.read(Buffer.alloc(length), 0, length, at)).buffer;
	if ((await bytesAt(0, 4)).toString("latin1") === "QFI\xfb") throw new UserError("usage", qcow2(image));
	for (const start of await partitionStarts(image)) if (isSeedVolume(await bytesAt(start, 512))) return start;
	const message = `${image} has no ${SEED_LABEL} partition`;
	throw new UserError("usage", { message, fix: "take a raw image that clusteros build made" });
}

function qcow2(image: string): { message: string; fix: string } {
	const raw = `${nameIn(image).replace(/\.qcow2$/, "")}.raw`;
	const message = `${image} is qcow2; a seed can be put into raw images only`;
	return { message, fix: `qemu-img convert -O raw ${quote(image)} ${quote(raw)}   (or build with --format raw)` };
}

/** Starts of all partitions in bytes; none when there is no partition table. */
async function partitionStarts(image: string): Promise<number[]> {
	const { stdout, exitCode } = await run(["sfdisk", "--json", image], {
		doing: `reading the partitions of ${image}`,
		ok: [0, 1],
	});
	if (exitCode !== 0) return [];
	const { partitiontable } = JSON.parse(stdout) as { partitiontable: { sectorsize?: number; partitions?: { start: number }[] } };
	return (partitiontable.partitions ?? []).map(({ start }) => start * (partitiontable.sectorsize ?? 512));
}

/** FAT's boot sector holds the label at byte 43 (FAT12 and 16) or 71 (FAT32). */
function isSeedVolume(sector: Buffer): boolean {
	const labels = [43, 71].map((at) =>
		sector
			.toString("latin1", at, at + 11)
			.trimEnd()
			.toUpperCase(),
	);
	return sector.readUInt16LE(510) === 0xaa55 && labels.includes(SEED_LABEL);
}
