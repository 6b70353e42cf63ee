import { readCluster } from "../../cluster/describe/read.ts";
import { mustHaveDisks } from "../../qemu/cluster/disks.ts";
import { mustBeSameImage } from "../../qemu/cluster/image.ts";
import { bringUp } from "./bring-up.ts";
import type { RunStart } from "./start-options.ts";
import { openTestCluster, selectMachines } from "./test-cluster.ts";
import { mustHaveMachinesTools } from "./up-host.ts";

/** `clusteros start`: the machines as they were, over the disks that they have. */
export const runStart: RunStart = async (shown, nodes, { timeout, json }, context) => {
	await mustHaveMachinesTools();
	const cluster = await openTestCluster(shown);
	const { dir, state } = cluster;
	const only = selectMachines(cluster, nodes);
	const described = await readCluster(shown);
	await mustBeSameImage(state);
	await mustHaveDisks(state.machines, only, shown);
	const roles = new Map(described.nodes.map((node) => [node.name, node.roles]));
	// Disks are there: nothing is made, so that neither a seed nor a size is needed.
	const common = { shown, dir, state, before: state, only, seeds: new Map(), diskSize: 0, resume: false, roles };
	const { ready, rows, seconds, started } = await bringUp({ ...common, timeout, json }, context);
	if (!ready) process.exitCode = 1;
	if (json) process.stdout.write(`${JSON.stringify({ version: 1, ready, seconds, started, nodes: rows }, null, "\t")}\n`);
	else if (ready) process.stderr.write(`${started.length === 0 ? "nothing to start" : `ready in ${seconds.toFixed(1)} s`}\n`);
};
