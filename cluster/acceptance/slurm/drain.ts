import { setTimeout as sleep } from "node:timers/promises";
import { patience, type Suite, type Verdict } from "../check.ts";
import { expectThat, shownBy, verdictOf } from "../verdict.ts";
import { hasEnded, inWords, JOB_NAME, showsJob, slurm, watch, withJob } from "./job.ts";
import { settledStates, workers } from "./nodes.ts";

/** A drained node takes no job; resumed, it takes the one that waited. */
export async function drainIsObeyed(suite: Suite): Promise<Verdict> {
	const node = workers(suite).at(-1)!;
	const order = (...words: string[]) =>
		slurm(suite, ["scontrol", "update", `nodename=${node.name}`, ...words], { as: "root", signal: undefined });
	const complain = (expected: string, seen: string, command: string) =>
		verdictOf(expectThat(false, { node: node.name, expected, seen, command }));
	let isDrained = false;
	const resume = async () => {
		if (isDrained) await order("state=resume");
		isDrained = false;
	};
	try {
		await order("state=drain", `reason=${JOB_NAME}`);
		isDrained = true;
		const states = await settledStates(suite, [node], "drained");
		const state = states.get(node.name) ?? "not listed";
		if (state !== "drained") return complain("drained", state, shownBy(suite, suite.controller, ["sinfo", "-R"]));
		return await withJob(suite, "true", [`--nodelist=${node.name}`], async (id) => {
			// Idle workers start a job within a second or two: one that has not by then has been kept.
			await sleep(Math.min(2000, patience(suite, 2)));
			const kept = await watch(suite, id, ({ reason }) => reason !== "None" && reason !== "Priority", 3);
			if (kept[0]?.state !== "PENDING")
				return complain("a job that waits while the node is drained", inWords(kept), showsJob(suite, id));
			await resume();
			const ended = await watch(suite, id, hasEnded, 60);
			if (ended[0]?.state === "COMPLETED" && ended[0].host === node.name) return verdictOf([]);
			return complain(`COMPLETED on ${node.name} once that is resumed`, inWords(ended), showsJob(suite, id));
		});
	} finally {
		await resume();
	}
}
