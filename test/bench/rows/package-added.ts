import { join } from "node:path";
import type { Bench } from "../bench.ts";
import type { Sample } from "../measure.ts";
import { type Outcome, type Row, ratio } from "../row.ts";
import { removeTree } from "../scratch.ts";
import { writeSite } from "../sides/ours.ts";
import { medianSeconds } from "../statistics.ts";

export const packageAdded: Row = { id: "package-added", title: "one small package added", part: "builds", inQuick: true, run };

/** Small programs with no dependencies that the image lacks; another one each time, so that each is fetched and installed. */
const SMALL = ["tree", "pv", "moreutils", "time", "lsof", "dos2unix", "rename", "bc", "file", "ncdu"];

async function run(bench: Bench): Promise<Outcome> {
	const { cacheDir } = await bench.prepared();
	const samples: Sample[] = [];
	for (let round = 0; round < Math.min(bench.options.repeat, SMALL.length); round++) {
		const dir = join(bench.scratch, `added-${round}`);
		const { profile } = await writeSite(bench.root, dir, { packages: [SMALL[round]!] });
		const { sample } = await bench.ours.build({ profile, cacheDir, out: join(dir, "out") });
		samples.push(sample);
		bench.saySample("package-added ClusterOS", sample);
		await removeTree(dir);
	}
	const cold = await bench.ownCold();
	return {
		sides: { ClusterOS: samples },
		verdicts: [ratio(medianSeconds(samples), cold, 0.25, "its own cold build")],
		notes: ["with the solver's new answer and the download; the package is in the profile's last layer"],
	};
}
