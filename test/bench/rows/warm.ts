import type { Bench } from "../bench.ts";
import { type Outcome, type Row, share } from "../row.ts";
import { medianSeconds } from "../statistics.ts";

export const warm: Row = { id: "warm", title: "from `up --warm` to the same job", part: "cluster", inQuick: false, run };

async function run(bench: Bench): Promise<Outcome> {
	const { rounds } = await bench.clusters();
	const resumed = rounds.flatMap((round) => round.warm ?? []);
	const cold = rounds.map((round) => round.cold);
	return {
		sides: { resumed },
		verdicts: [share(medianSeconds(resumed), medianSeconds(cold), "the cold start")],
		notes: ["the cluster of the row above, stopped and resumed from its snapshot"],
	};
}
