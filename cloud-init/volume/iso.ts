import { rename, rm, writeFile } from "node:fs/promises";
import { run } from "../../core/process/run.ts";
import { withSeedFolder } from "./folder.ts";
import { SEED_LABEL, type SeedTexts } from "./names.ts";

/** Programs that write ISO9660, the first the better known to us; they take the same words. */
export const ISO_WRITERS = ["xorriso", "genisoimage"] as const;

/** The command that makes an ISO of a folder: Joliet and Rock Ridge, or `user-data` would be called USER_DAT. */
export function isoArgs(program: (typeof ISO_WRITERS)[number], folder: string, file: string): string[] {
	const words = ["-quiet", "-output", file, "-volid", SEED_LABEL, "-joliet", "-rock", folder];
	return program === "xorriso" ? ["xorriso", "-as", "mkisofs", ...words] : [program, ...words];
}

/** Makes a seed as a CD image, 0600. */
export async function writeSeedIso(file: string, seed: SeedTexts, program: (typeof ISO_WRITERS)[number]): Promise<void> {
	const half = `${file}.${process.pid}.new`;
	try {
		// There before the program writes: the mode is ours, and so from the first byte on.
		await writeFile(half, "", { mode: 0o600, flag: "wx" });
		await withSeedFolder(seed, (folder) => run(isoArgs(program, folder, half), { doing: `making the seed ${file}` }));
		await rename(half, file);
	} finally {
		await rm(half, { force: true });
	}
}
