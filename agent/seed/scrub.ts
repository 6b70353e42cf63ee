import { createHash } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { SeedSecrets } from "../../core/contract/seed.ts";
import { ignoreMissing } from "../atomic-file.ts";
import { keepFile, readText } from "../files.ts";
import { RUN, SCRUBBED } from "../paths.ts";
import type { World } from "../world.ts";
import { SCRUBBED_WITH } from "./read-seed.ts";

/** Where cloud-init keeps what it was given: user-data as it came and as it was merged, and its pickled datasource. */
const COPIES = ["/var/lib/cloud/instances", "/var/lib/cloud/seed", "/run/cloud-init"];
/** The largest file that is looked into; a seed is some kilobytes. */
const MAX_BYTES = 4 * 1024 * 1024;
const DEPTH = 3;
/** udev's database: `b<major>:<minor>` holds what it found out about a block device. */
const UDEV_DATA = "/run/udev/data";
const SEED_LABEL = /^E:ID_FS_LABEL=(CIDATA|cidata)$/m;

/** Every secret of the seed as it stands in its files. */
export function secretTexts(secrets: SeedSecrets): string[] {
	const { identity, k3s } = secrets;
	const own = [...secrets.keys.map(({ key }) => key), identity, k3s?.token, k3s?.agent_token, ...linesOfKey(k3s?.ca_key)];
	return own.filter((text): text is string => text !== undefined && text.length > 8);
}

/** Line ends are written in one way in JSON and in another in YAML. */
function linesOfKey(pem: string | undefined): string[] {
	return (pem ?? "").split("\n").filter((line) => /^[A-Za-z0-9+/=]+$/.test(line));
}

/**
 * Overwrites secrets in cloud-init's own copies, byte for byte in place: lengths stay, so that JSON, YAML and the pickled
 * datasource remain what they are, and cloud-init is content at the next boot. Returns the files that held any.
 */
export function scrubCopies(world: World, secrets: SeedSecrets): string[] {
	const texts = secretTexts(secrets);
	return COPIES.flatMap((dir) => filesBelow(world.root + dir, DEPTH)).filter((path) => scrubFile(path, texts));
}

/**
 * Overwrites secrets in the seed on every CIDATA volume that can be written, once for the same secrets. One that cannot
 * (an attached seed, a CD) stays as it is: it is in its owner's hands.
 */
export async function scrubVolumes(world: World, secrets: SeedSecrets): Promise<void> {
	const texts = secretTexts(secrets);
	const digest = `${createHash("sha256").update(texts.join("\n")).digest("hex")}\n`;
	if (readText(world, SCRUBBED) === digest) return;
	for (const device of seedVolumes(world)) await scrubVolume(world, device, texts);
	keepFile(world, { path: SCRUBBED, content: digest, mode: 0o600 });
}

/** Block devices labelled CIDATA that can be written, as udev knows them. */
function seedVolumes(world: World): string[] {
	const known = ignoreMissing(() => readdirSync(world.root + UDEV_DATA)) ?? [];
	const labelled = known.filter((name) => name.startsWith("b") && SEED_LABEL.test(readText(world, `${UDEV_DATA}/${name}`) ?? ""));
	return labelled.flatMap((name) => {
		const numbers = name.slice(1);
		const device = /^DEVNAME=(.+)$/m.exec(readText(world, `/sys/dev/block/${numbers}/uevent`) ?? "")?.[1];
		// A partition's own flag says nothing of its disk's.
		const flags = ["ro", "../ro"].map((flag) => readText(world, `/sys/dev/block/${numbers}/${flag}`)?.trim());
		return device === undefined || flags.includes("1") ? [] : [`/dev/${device}`];
	});
}

async function scrubVolume(world: World, device: string, texts: readonly string[]): Promise<void> {
	const place = `${world.root}${RUN}/seed-volume`;
	mkdirSync(place, { recursive: true, mode: 0o700 });
	const { code } = await world.exec(["mount", "-t", "vfat", "-o", "rw,nosuid,nodev,noexec,umask=077", device, place], {
		// What has no FAT on it, such as a CD.
		ok: [0, 1, 32],
	});
	if (code !== 0) return;
	try {
		for (const path of filesBelow(place, 1)) scrubFile(path, texts);
	} finally {
		await world.exec(["umount", place]);
	}
}

function filesBelow(dir: string, depth: number): string[] {
	const entries = ignoreMissing(() => readdirSync(dir, { withFileTypes: true })) ?? [];
	return entries.flatMap((entry) => {
		const path = join(dir, entry.name);
		if (entry.isFile()) return statSync(path).size <= MAX_BYTES ? [path] : [];
		return entry.isDirectory() && depth > 1 ? filesBelow(path, depth - 1) : [];
	});
}

/** In place, not by a new file: the old blocks must not stay on the disk. */
function scrubFile(path: string, texts: readonly string[]): boolean {
	const bytes = ignoreMissing(() => readFileSync(path));
	const spots = bytes === undefined ? [] : texts.flatMap((text) => [...spotsOf(bytes, text)]);
	if (spots.length === 0) return false;
	const file = openSync(path, "r+");
	try {
		for (const { at, length } of spots) writeSync(file, SCRUBBED_WITH.repeat(length), at);
		fsyncSync(file);
	} finally {
		closeSync(file);
	}
	return true;
}

function* spotsOf(bytes: Buffer, text: string): Iterable<{ at: number; length: number }> {
	for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at + text.length)) yield { at, length: text.length };
}
