import { readFile, rm } from "node:fs/promises";
import * as z from "zod";
import { UserError } from "../../core/errors.ts";
import { clusterFiles } from "./files.ts";
import { writePrivate } from "./state.ts";

/** What a snapshot depends on, each as a digest: whatever differs is named. */
const warmKey = z.strictObject({
	image: z.string(),
	cluster: z.string(),
	secrets: z.string(),
	shape: z.string(),
	qemu: z.string(),
});

/** `DIR/.clusteros/warm.json`: that the machines' disks hold a snapshot, of what, and since when. */
const warmFile = z.strictObject({ version: z.literal(1), made: z.iso.datetime(), key: warmKey });

export type WarmKey = z.output<typeof warmKey>;
export type Warm = z.output<typeof warmFile>;

const WORDS: Readonly<Record<keyof WarmKey, string>> = {
	image: "the image",
	cluster: "cluster.toml",
	secrets: "secrets.toml",
	shape: "the machines (their number, memory, processors, network or accelerator)",
	qemu: "QEMU's version",
};

/** The snapshot that the cluster has; undefined when there is none, or one that cannot be read. */
export async function readWarm(dir: string): Promise<Warm | undefined> {
	const text = await readFile(clusterFiles(dir).warm, "utf8").catch(() => "null");
	try {
		return warmFile.safeParse(JSON.parse(text)).data;
	} catch {
		return undefined;
	}
}

export async function writeWarm(dir: string, made: Date, key: WarmKey): Promise<void> {
	await writePrivate(clusterFiles(dir).warm, { version: 1, made: made.toISOString(), key });
}

/** Before a new snapshot is begun: one that is half made must not be resumed. */
export async function forgetWarm(dir: string): Promise<void> {
	await rm(clusterFiles(dir).warm, { force: true });
}

/** What has changed since the snapshot, in words. */
export function changesSince(warm: Warm, key: WarmKey): string[] {
	return (Object.keys(WORDS) as (keyof WarmKey)[]).filter((part) => warm.key[part] !== key[part]).map((part) => WORDS[part]);
}

/** @throws UserError when the snapshot is of something else: resumed, it would bring back keys and nodes that are no more. */
export function mustBeCurrent(warm: Warm, key: WarmKey): void {
	const changed = changesSince(warm, key);
	if (changed.length === 0) return;
	throw new UserError("invalid", {
		message: `the snapshot of ${warm.made} is not of this cluster any more: ${changed.join(" and ")} changed since`,
		fix: "start without --warm to go on from the disks, or take the cluster down first to start afresh",
	});
}
