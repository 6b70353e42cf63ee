import type { Bench } from "../bench.ts";
import type { Outcome, Row } from "../row.ts";
import { median } from "../statistics.ts";

export const idle: Row = { id: "idle", title: "a quiet node", part: "cluster", inQuick: false, run };

/** What every machine costs its host when nobody uses it. */
async function run(bench: Bench): Promise<Outcome> {
	const uses = (await bench.clusters()).rounds.flatMap((round) => round.idle);
	const of = (kept: (node: string) => boolean) => median(uses.filter(({ node }) => kept(node)).map(({ cores }) => cores));
	const controller = of((node) => node === "c1");
	const workers = bench.options.nodes > 1 ? of((node) => node !== "c1") : controller;
	return {
		sides: {},
		verdicts: [{ measured: `${workers.toFixed(3)} host cores` }],
		notes: [`the controller ${controller.toFixed(3)}; over 30 s, a minute after the last job`],
		details: uses,
	};
}
