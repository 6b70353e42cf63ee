import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
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
	const digest = createHash("sha256").update(JSON.stringify(settings)).digest("hex");
	if (readText(world, memoryOf(what)) === digest) return false;
	await work();
	writeAtomic(world.root + memoryOf(what), digest, 0o644);
	return true;
}

/** Has {@link applyOnce} do its work again: somebody else has changed what the program reads. */
export function forgetApplied(world: World, what: string): void {
	rmSync(world.root + memoryOf(what), { force: true });
}

function memoryOf(what: string): string {
	return `/run/clusteros/applied/${what}`;
}
