import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bench } from "../bench.ts";
import type { Sample } from "../measure.ts";
import { type Outcome, type Row, ratio } from "../row.ts";
import { medianSeconds, rotated } from "../statistics.ts";

export const formats: Row = { id: "formats", title: "qcow2 + raw in one run", part: "builds", inQuick: true, run };

/** After an edit, so that everything but packages is made: what formats cost would drown in a cold build. */
async function run(bench: Bench): Promise<Outcome> {
	const site = await bench.site();
	const { cacheDir } = await bench.prepared();
	const samples: Record<string, Sample[]> = { "qcow2 alone": [], "qcow2 + raw": [] };
	const lists: Record<string, string> = { "qcow2 alone": "qcow2", "qcow2 + raw": "qcow2,raw" };
	for (let round = 0; round < bench.options.repeat; round++) {
		for (const name of rotated(Object.keys(samples), round)) {
			await appendFile(site.edited, `format ${round} ${name}\n`);
			const out = join(bench.scratch, "formats-out");
			const { sample } = await bench.ours.build({ profile: site.profile, cacheDir, out, args: ["--format", lists[name]!] });
			samples[name]!.push(sample);
			bench.saySample(`formats ${name}`, sample);
		}
	}
	const [alone, both] = [medianSeconds(samples["qcow2 alone"]!), medianSeconds(samples["qcow2 + raw"]!)];
	const cold = await bench.ownCold();
	return {
		sides: samples,
		verdicts: [ratio(both, alone, 1.3, "qcow2 alone")],
		notes: [
			"the docker format is not made yet; the target is for all three",
			`packages come from the cache; in a cold build it would be ${((cold + both - alone) / cold).toFixed(2)} ×`,
		],
	};
}
