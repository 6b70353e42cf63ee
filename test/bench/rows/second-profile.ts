import { join } from "node:path";
import type { Bench } from "../bench.ts";
import type { Sample } from "../measure.ts";
import { type Outcome, type Row, ratio } from "../row.ts";
import { copyTree, removeTree } from "../scratch.ts";
import { PROFILE } from "../sides/ours.ts";
import { medianSeconds } from "../statistics.ts";

export const secondProfile: Row = {
	id: "second-profile",
	title: "a second profile on a shared base",
	part: "builds",
	inQuick: false,
	run,
};

/** `base` is built once; every sample starts from a copy of the cache as that left it. */
async function run(bench: Bench): Promise<Outcome> {
	const dir = join(bench.scratch, "second");
	const from = join(dir, "base-cache");
	await bench.ours.build({ profile: "base", cacheDir: from, out: join(dir, "base-out") });
	const samples: Sample[] = [];
	for (let round = 0; round < bench.options.repeat; round++) {
		const cacheDir = join(dir, "cache");
		await copyTree(from, cacheDir);
		const { sample, manifest } = await bench.ours.build({ profile: PROFILE, cacheDir, out: join(dir, "out") });
		if (!manifest.steps.find(({ id }) => id === "packages:base")?.cached)
			throw new Error("the base was not taken from the cache");
		samples.push(sample);
		bench.saySample("second-profile ClusterOS", sample);
		await removeTree(cacheDir, join(dir, "out"));
	}
	await removeTree(dir);
	const verdicts = [ratio(medianSeconds(samples), await bench.ownCold(), 0.5, "its own cold build")];
	return { sides: { ClusterOS: samples }, verdicts, notes: ["`base` first, then `slurm` with an empty OUT"] };
}
