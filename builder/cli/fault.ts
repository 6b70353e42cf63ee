import { faultNode } from "../../qemu/cluster/fault.ts";
import type { RunFault } from "./fault-options.ts";
import { openTestCluster, selectMachines } from "./test-cluster.ts";

/** `clusteros fault`. */
export const runFault: RunFault = async (dir, hostlist, fault, { json }) => {
	const cluster = await openTestCluster(dir);
	const nodes = selectMachines(cluster, hostlist);
	await Promise.all(nodes.map((node) => faultNode(cluster.state, node, fault)));
	if (json) process.stdout.write(`${JSON.stringify({ version: 1, nodes, fault }, null, "\t")}\n`);
};
