import type { Bench } from "../bench.ts";
import { measure, type Sample } from "../measure.ts";
import { type Outcome, type Row, within } from "../row.ts";
import { medianSeconds } from "../statistics.ts";

export const help: Row = { id: "help", title: "`build-image --help`", part: "builds", inQuick: true, run };

async function run(bench: Bench): Promise<Outcome> {
	const samples: Sample[] = [];
	const empty: Sample[] = [];
	for (let round = 0; round < 10; round++) {
		samples.push((await measure(() => bench.ours.command(["--help"]))).sample);
		empty.push((await measure(() => bench.ours.empty())).sample);
	}
	const milliseconds = (list: readonly Sample[]) => medianSeconds(list) * 1000;
	return {
		sides: { ClusterOS: samples, "Node with an empty script": empty },
		verdicts: [within(milliseconds(samples), 100, "ms", 0)],
		notes: [`of these, ${milliseconds(empty).toFixed(0)} ms are Node's own start`],
	};
}
