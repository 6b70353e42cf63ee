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

/** Every secret of the seed as it stands in its files. */
export function secretTexts(secrets: SeedSecrets): string[] {
	const own = [...secrets.keys.map(({ key }) => key), secrets.identity, secrets.k3s?.token];
	return own.filter((text): text is string => text !== undefined && text.length > 8);
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
 * Overwrites secrets in the seed on every CIDATA volume that can be written, once for the same secrets. A volume that cannot
 * (an attached seed, a CD) stays as it is: it is in its owner's hands.
 */
export async function scrubVolumes(world: World, secrets: SeedSecrets): Promise<void> {
	const texts = secretTexts(secrets);
	const digest = `${createHash("sha256").update(texts.join("\n")).digest("hex")}\n`;
	if (readText(world, SCRUBBED) === digest) return;
	const { stdout } = await world.exec(["blkid", "-o", "device", "-t", "LABEL=CIDATA"], { ok: [0, 2] });
	for (const device of stdout.split("\n").filter(Boolean)) await scrubVolume(world, device, texts);
	keepFile(world, { path: SCRUBBED, content: digest, mode: 0o600 });
}

async function scrubVolume(world: World, device: string, texts: readonly string[]): Promise<void> {
	const place = `${world.root}${RUN}/seed-volume`;
	mkdirSync(place, { recursive: true, mode: 0o700 });
	// A device that cannot be written is refused by mount (32); what has no FAT on it by its type.
	const { code } = await world.exec(["mount", "-t", "vfat", "-o", "rw,nosuid,nodev,noexec,umask=077", device, place], {
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
