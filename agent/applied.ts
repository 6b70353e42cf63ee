import { createHash } from "node:crypto";
import { writeAtomic } from "./atomic-file.ts";
import { readText } from "./files.ts";
import type { World } from "./world.ts";

/**
 * Does `work`, which brings a running program to new settings, unless it was done for the same settings since boot.
 * Remembered only afterwards and only until the next boot, so that neither a kill in between nor a reboot leaves it undone.
 * Returns whether there was anything to do.
 */
export async function applyOnce(
	world: World,
	what: string,
	settings: readonly string[],
	work: () => Promise<unknown>,
): Promise<boolean> {
	const path = `/run/clusteros/applied/${what}`;
	const digest = createHash("sha256").update(JSON.stringify(settings)).digest("hex");
	if (readText(world, path) === digest) return false;
	await work();
	writeAtomic(world.root + path, digest, 0o644);
	return true;
}
