import type { Bench } from "../bench.ts";
import { type Outcome, type Row, within } from "../row.ts";
import { inHellos } from "../sides/agent.ts";
import { median } from "../statistics.ts";

const TITLE = "agent: processor time to ready";
export const agentCpu: Row = { id: "agent-cpu", title: TITLE, part: "cluster", inQuick: false, run };

/** Of every round the node whose agent needs most; of these the middle one. */
async function run(bench: Bench): Promise<Outcome> {
	const { rounds } = await bench.clusters();
	const worst = rounds.map(({ agents, hellos }) => Math.max(...inHellos(agents, hellos)));
	const middle = (values: readonly number[]) => `${median(values).toFixed(2)} s`;
	const agents = rounds.flatMap((round) => round.agents);
	const hellos = rounds.flatMap((round) => round.hellos.flatMap(({ seconds }) => seconds));
	return {
		sides: {},
		verdicts: [within(median(worst), 4, "× a Node hello-world in the same guest", 1)],
		notes: [
			`the node that needs most; the middle one used ${middle(agents.map(({ own }) => own))} itself and ${middle(agents.map(({ children }) => children))} in programs that it ran, a hello-world ${middle(hellos)}`,
			"the agent is read after the job, while all machines boot at once; the hello-world when they are quiet",
		],
		details: rounds.map(({ agents: own, hellos: other }) => ({ agents: own, hellos: other })),
	};
}
