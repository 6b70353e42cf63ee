import type { SeedCluster } from "../../core/contract/seed.ts";
import { UserError } from "../../core/errors.ts";
import { nodeFiles } from "../../core/node/files/node-files.ts";
import { viewOf } from "../../core/node/members.ts";
import { readCluster, readSecrets } from "../describe/read.ts";
import { seedClusterOf } from "../describe/seed.ts";
import type { Reached } from "../reach/types.ts";
import type { Suite } from "./check.ts";

export interface SuiteOptions {
	/** The cluster's folder as typed. */
	readonly dir: string;
	/** Whether nodes may be rebooted. */
	readonly reboot: boolean;
	readonly signal: AbortSignal;
}

/** What the checks need, from the cluster's folder. @throws UserError for what is wrong in its files. */
export async function openSuite(reached: Reached, options: SuiteOptions): Promise<Suite> {
	const [described, secrets] = [await readCluster(reached.dir), await readSecrets(reached.dir)];
	return suiteOf(reached, seedClusterOf(described, secrets, { generation: 1, slow: reached.slow }), options);
}

/** What the checks of a cluster need: its nodes, and `seed` as it would be made for them today. */
function suiteOf(reached: Reached, seed: SeedCluster, options: SuiteOptions): Suite {
	const nodes = reached.nodes.map((node) => ({ ...node, link: reached.link(node.name) }));
	const first = seed.controllers[0]?.name;
	const controller = nodes.find(({ name }) => name === first);
	if (controller === undefined) throw new UserError("invalid", { message: `cluster.toml has no controller "${first}"` });
	return {
		...options,
		nodes,
		controller,
		user: reached.cluster.user.find(({ sudo }) => !sudo)?.name,
		slow: reached.slow,
		files: (node, facts) => {
			const others = nodes.filter(({ name }) => name !== node.name);
			return nodeFiles(viewOf(seed, node, others, facts));
		},
	};
}

/**
 * Nobody's jobs are rebooted away. @throws UserError when the cluster has any. Nothing when the controller does not say: that
 * is for the checks to find.
 */
export async function refuseWithJobs({ controller, dir, slow, signal }: Suite): Promise<void> {
	const argv = ["squeue", "--noheader", "--states=all", "--format=%u %T"];
	const asked = await controller.link.run(argv, { ok: "any", timeout: 20_000 * slow, signal });
	const jobs =
		asked.exitCode === 0 ? asked.stdout.split("\n").filter((line) => / (RUNNING|PENDING|SUSPENDED|COMPLETING)$/.test(line)) : [];
	if (jobs.length === 0) return;
	const users = [...new Set(jobs.map((line) => line.split(" ")[0]!))];
	const message = `${jobs.length} job(s) of ${users.join(", ")} are queued or running, and this test reboots all nodes`;
	throw new UserError("failed", { message, fix: `leave the reboots out: clusteros test ${dir} --no-reboot` });
}
