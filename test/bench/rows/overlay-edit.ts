import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bench } from "../bench.ts";
import type { Sample } from "../measure.ts";
import { type Outcome, type Row, ratio, within } from "../row.ts";
import { medianSeconds, rotated } from "../statistics.ts";

/** One file of an overlay is edited, and the qcow2 made again. */
export const overlayEdit: Row = {
	id: "overlay-edit",
	title: "one overlay file edited, to qcow2",
	part: "builds",
	inQuick: true,
	run,
};

async function run(bench: Bench): Promise<Outcome> {
	const site = await bench.site();
	const build = { profile: site.profile, cacheDir: (await bench.prepared()).cacheDir, out: join(bench.scratch, "site-out") };
	const own = async (round: number) => {
		await appendFile(site.edited, `edit ${round}\n`);
		return (await bench.ours.build(build)).sample;
	};
	const incremental = bench.mkosi ? await bench.incremental() : undefined;
	const sides: Record<string, (round: number) => Promise<Sample>> = {
		ClusterOS: own,
		...(incremental ? { mkosi: (round: number) => incremental.edit(`edit ${round}\n`) } : {}),
	};
	const samples: Record<string, Sample[]> = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
	for (let round = 0; round < bench.options.repeat; round++) {
		for (const name of rotated(Object.keys(sides), round)) {
			const sample = await sides[name]!(round);
			samples[name]!.push(sample);
			bench.saySample(`overlay-edit ${name}`, sample);
		}
	}
	const ours = medianSeconds(samples.ClusterOS!);
	return {
		sides: samples,
		verdicts: [
			...(incremental ? [ratio(ours, medianSeconds(samples.mkosi!), 0.15, "mkosi incremental")] : []),
			within(ours, 7, "s (on 2 cores)", 1),
		],
		notes: bench.mkosi ? [] : [`no mkosi: ${bench.withoutMkosi}`],
	};
}
