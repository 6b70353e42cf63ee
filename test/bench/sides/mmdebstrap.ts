import { stat } from "node:fs/promises";
import { run } from "../../../core/process/run.ts";
import type { Archive } from "../archive.ts";
import { measure, type Sample } from "../measure.ts";
import type { Prepared } from "./ours.ts";
import { aptOptions } from "./tools-tree.ts";

/**
 * The floor: the same packages as a tarball, with neither boot loader nor disk. What our image leaves out stays in:
 * with a path-exclude mmdebstrap sends every package through a filter in Python, which takes longer than it saves.
 */
export interface Mmdebstrap {
	readonly cold: (prepared: Prepared, tarball: string) => Promise<Sample>;
}

export function makeMmdebstrap(archive: Archive, signal: AbortSignal): Mmdebstrap {
	return {
		cold: async ({ packages }, tarball) => {
			const argv = [
				"mmdebstrap",
				"--quiet",
				"--variant=apt",
				"--format=tar",
				"--skip=check/signed-by",
				...aptOptions(archive),
				"--dpkgopt=force-unsafe-io",
				`--include=${packages.join(",")}`,
				"",
				tarball,
				"-",
			];
			const doing = "making a tarball with mmdebstrap";
			const { sample } = await measure(() => run(argv, { doing, input: archive.sources, signal }));
			if ((await stat(tarball)).size < 100e6) throw new Error(`${doing}: it is too small to hold all packages`);
			return sample;
		},
	};
}
