import type { Suite, Verdict } from "../check.ts";
import { expectThat, shownBy, verdictOf } from "../verdict.ts";
import { asUser, hasEnded, inWords, OUTPUT, outputOf, pollSlurm, showsJob, slurm, watch, withJob } from "./job.ts";
import { hostlistOf, settledStates, workers } from "./nodes.ts";

/** Every worker is idle. */
export async function allIdle(suite: Suite): Promise<Verdict> {
	const wanted = workers(suite);
	const states = await settledStates(suite, wanted, "idle");
	return verdictOf(
		expectThat(
			wanted.every(({ name }) => states.get(name) === "idle"),
			{
				node: suite.controller.name,
				expected: `${wanted.length} idle: ${hostlistOf(wanted)}`,
				seen: wanted.map(({ name }) => `${name} ${states.get(name) ?? "not listed"}`).join(", "),
				command: shownBy(suite, suite.controller, ["sinfo", "-N", "-l"]),
			},
		),
	);
}

/** One task on every worker, at once: each prints its own name. */
export async function everyNodeAnswers(suite: Suite): Promise<Verdict> {
	const nodes = workers(suite);
	const argv = ["srun", `-N${nodes.length}`, `--nodelist=${hostlistOf(nodes)}`, "--ntasks-per-node=1", "hostname"];
	const names = await asUser(suite, argv);
	const expected = nodes.map(({ name }) => name).toSorted();
	return verdictOf(
		expectThat(names.split("\n").toSorted().join(" ") === expected.join(" "), {
			node: suite.controller.name,
			expected: expected.join(" "),
			seen: names,
			command: shownBy(suite, suite.controller, argv, suite.user),
		}),
	);
}

/** A batch job runs to its end, and what it printed is where it ran. */
export async function batchCompletes(suite: Suite): Promise<Verdict> {
	return withJob(suite, "hostname", [OUTPUT.option], async (id) => {
		const jobs = await watch(suite, id, hasEnded);
		const host = jobs[0]?.host ?? "";
		const printed = await outputOf(suite, id, host);
		return verdictOf(
			expectThat(jobs[0]?.state === "COMPLETED" && printed === host, {
				node: host || suite.controller.name,
				expected: `COMPLETED, and it printed ${host || "the name of its node"}`,
				seen: `${inWords(jobs)}; it printed "${printed}"`,
				command: showsJob(suite, id),
			}),
		);
	});
}

/** Ten tasks of one array all run to their end. */
export async function arrayCompletes(suite: Suite): Promise<Verdict> {
	return withJob(suite, "true", ["--array=0-9"], async (id) => {
		const jobs = await watch(suite, id, hasEnded, 60);
		const done = jobs.filter(({ state }) => state === "COMPLETED");
		return verdictOf(
			expectThat(jobs.length === 10 && done.length === 10, {
				node: suite.controller.name,
				expected: "10 tasks, each COMPLETED",
				seen: `${jobs.length} tasks: ${inWords(jobs)}`,
				command: showsJob(suite, id),
			}),
		);
	});
}

/** A running job ends when its user says so. */
export async function cancelEnds(suite: Suite): Promise<Verdict> {
	return withJob(suite, "sleep 600", [], async (id) => {
		const complain = (expected: string, seen: string) =>
			verdictOf([{ node: suite.controller.name, expected, seen, command: showsJob(suite, id) }]);
		const running = await watch(suite, id, (job) => job.state === "RUNNING" || hasEnded(job));
		if (running[0]?.state !== "RUNNING") return complain("a job that RUNNING can be said of", inWords(running));
		await asUser(suite, ["scancel", id]);
		const ended = await watch(suite, id, hasEnded);
		return ended[0]?.state === "CANCELLED" ? verdictOf([]) : complain("CANCELLED", inWords(ended));
	});
}

/** Nothing is left in the queue. */
export async function queueIsEmpty(suite: Suite): Promise<Verdict> {
	let left = "";
	const look = async () => {
		left = await slurm(suite, ["squeue", "--noheader", "--format=%i %j %u %T %R"]);
		return left === "" ? true : undefined;
	};
	// The last job's epilogue may still be under way.
	await pollSlurm(suite, look, 5);
	return verdictOf(
		expectThat(left === "", {
			node: suite.controller.name,
			expected: "an empty queue",
			seen: left,
			command: shownBy(suite, suite.controller, ["squeue"]),
		}),
	);
}
