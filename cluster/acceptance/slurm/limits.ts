import type { Suite, Verdict } from "../check.ts";
import { expectThat, shownBy, skipped, verdictOf } from "../verdict.ts";
import { asUser, hasEnded, inWords, OUTPUT, outputOf, showsJob, watch, withJob } from "./job.ts";
import { processorsOf, workers } from "./nodes.ts";

/** tail keeps a line until it ends: 300 MB of zeros are one. Bounded, so that a node without limits comes to no harm. */
const GREEDY = "head -c 300000000 /dev/zero | tail > /dev/null";

/** A job over its memory is ended by its cgroup, and SLURM and the job's own output say that this was why. */
export async function memoryIsBound(suite: Suite): Promise<Verdict> {
	return withJob(suite, GREEDY, ["--mem=60M", OUTPUT.option], async (id) => {
		const jobs = await watch(suite, id, hasEnded, 30);
		const host = jobs[0]?.host ?? "";
		const printed = await outputOf(suite, id, host);
		return verdictOf(
			expectThat(jobs[0]?.state === "OUT_OF_MEMORY" && /oom.?kill/i.test(printed), {
				node: host || suite.controller.name,
				expected: "OUT_OF_MEMORY, and an oom-kill in the job's output",
				seen: `${inWords(jobs)}; it printed "${printed}"`,
				command: showsJob(suite, id),
			}),
		);
	});
}

/** The processors that the cgroup of this very process may use, as `0-1,3`. */
const OWN_CPUS = 'cat "/sys/fs/cgroup$(cut -d: -f3- /proc/self/cgroup)/cpuset.cpus.effective"';

/** A job of one processor sees one core's, on a node that has more. */
export async function processorsAreBound(suite: Suite): Promise<Verdict> {
	for (const node of workers(suite)) {
		const { all, core } = await processorsOf(suite, node);
		if (!(all > core)) continue;
		const argv = ["srun", "-N1", "-n1", "-c1", `--nodelist=${node.name}`, "sh", "-c", OWN_CPUS];
		const list = await asUser(suite, argv);
		return verdictOf(
			expectThat(countOf(list) === core, {
				node: node.name,
				expected: `${core} of ${all} processors`,
				seen: list || "no cpuset",
				command: shownBy(suite, suite.controller, argv, suite.user),
			}),
		);
	}
	return skipped("no worker has more than one core");
}

/** `0-1,3` is 3; NaN for anything else. */
function countOf(list: string): number {
	const sizes = list.split(",").map((range) => {
		const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(range.trim()) ?? [];
		return Number(to) - Number(from) + 1;
	});
	return sizes.reduce((sum, size) => sum + size, 0);
}
