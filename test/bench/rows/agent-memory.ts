import type { Bench } from "../bench.ts";
import { type Outcome, type Row, within } from "../row.ts";

/** The node that needs most counts, over all rounds. */
export const agentMemory: Row = { id: "agent-memory", title: "agent: memory when ready", part: "cluster", inQuick: false, run };

async function run(bench: Bench): Promise<Outcome> {
	const agents = (await bench.clusters()).rounds.flatMap((round) => round.agents);
	const most = (bytes: readonly number[]) => Math.max(...bytes) / 1e6;
	const peak = most(agents.map((agent) => agent.peak));
	return {
		sides: {},
		verdicts: [within(most(agents.map(({ rss }) => rss)), 80, "MB RSS", 0)],
		notes: [`the node that needs most; at its peak an agent had ${peak.toFixed(0)} MB`],
		details: agents,
	};
}
