import { quote } from "../../../core/process/quote.ts";
import type { Check, Group, Suite, Verdict } from "../check.ts";
import { askForPart } from "../has.ts";
import { once, verdictOf } from "../verdict.ts";
import { drainIsObeyed } from "./drain.ts";
import { predecessorErrors } from "./errors.ts";
import { memoryIsBound, processorsAreBound } from "./limits.ts";
import { workers } from "./nodes.ts";
import { allIdle, arrayCompletes, batchCompletes, cancelEnds, everyNodeAnswers, queueIsEmpty } from "./queue.ts";

/** SLURM as its users have it: all jobs run as an ordinary user. One at a time: each wants idle nodes. */
export const slurm: Group = {
	name: "slurm",
	inTurn: true,
	checks: (suite) => {
		const n = workers(suite).length;
		const { noCgroupError, noDbusError } = predecessorErrors(suite);
		const absent = once(() => askForPart(suite, suite.controller, "SLURM"));
		const check = (name: string, run: () => Promise<Verdict>): Check => {
			return { group: "slurm", name, run: async () => (await absent()) ?? run() };
		};
		return [
			check(`sinfo: ${n} idle`, () => allIdle(suite)),
			check(`srun -N${n} hostname`, forUser(suite, everyNodeAnswers)),
			check("sbatch runs to COMPLETED", forUser(suite, batchCompletes)),
			check("scancel ends a running job", forUser(suite, cancelEnds)),
			check("a job over its memory is killed by its cgroup", forUser(suite, memoryIsBound)),
			check("a job of 1 CPU sees only its own", forUser(suite, processorsAreBound)),
			check("a job array of 10 completes", forUser(suite, arrayCompletes)),
			check("drain and resume are obeyed", forUser(suite, drainIsObeyed)),
			check("squeue is empty afterwards", () => queueIsEmpty(suite)),
			check('no "Cannot initialize cgroup directory for stepds"', noCgroupError),
			check('no "cannot connect to dbus system daemon"', noDbusError),
		];
	},
};

/** Without a user or a node to run jobs none of these can pass. */
function forUser(suite: Suite, run: (suite: Suite) => Promise<Verdict>): () => Promise<Verdict> {
	return async () => {
		if (suite.user === undefined)
			return lacks(suite, "an ordinary user to run jobs as", "a [[user]] with name and uid, and without sudo,");
		if (workers(suite).length === 0) return lacks(suite, "a node to run jobs on", 'the role "worker" of a node');
		return run(suite);
	};
}

function lacks({ controller, dir }: Suite, expected: string, entry: string): Verdict {
	const fix = `add ${entry} to cluster.toml, and bring the new seed to the nodes`;
	const command = `grep -A4 '\\[\\[' ${quote(`${dir}/cluster.toml`)}`;
	return verdictOf([{ node: controller.name, expected, seen: "cluster.toml has none", command, fix }]);
}
