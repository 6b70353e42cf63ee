import { join } from "node:path";
import type { Bench } from "../bench.ts";
import type { Sample } from "../measure.ts";
import { type Outcome, type Row, within } from "../row.ts";
import { PROFILE } from "../sides/ours.ts";
import { medianSeconds } from "../statistics.ts";

export const nothingChanged: Row = { id: "nothing-changed", title: "nothing changed", part: "builds", inQuick: true, run };

/** So short that a few more samples cost nothing; the first one lays the artifact into a new OUT and does not count. */
async function run(bench: Bench): Promise<Outcome> {
	const build = { profile: PROFILE, cacheDir: (await bench.prepared()).cacheDir, out: join(bench.scratch, "nothing-out") };
	await bench.ours.build(build);
	const samples: Sample[] = [];
	for (let round = 0; round < Math.max(5, bench.options.repeat); round++) {
		const { sample, manifest } = await bench.ours.build(build);
		if (manifest.steps.some(({ cached }) => !cached)) throw new Error("a build with nothing changed made something");
		samples.push(sample);
		bench.saySample("nothing-changed ClusterOS", sample);
	}
	return { sides: { ClusterOS: samples }, verdicts: [within(medianSeconds(samples), 0.5, "s", 2)], notes: [] };
}
