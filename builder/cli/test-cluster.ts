import { join, resolve } from "node:path";
import type { ClusterState } from "../../core/contract/cluster-state.ts";
import { UserError } from "../../core/errors.ts";
import { selectNodes } from "../../core/node/hostlist.ts";
import { quote } from "../../core/process/quote.ts";
import { readClusterState } from "../../qemu/cluster/state.ts";

/** The QEMU cluster of a folder. */
export interface TestCluster {
	/** The cluster's folder as typed, for messages. */
	readonly shown: string;
	/** Its state folder, absolute. */
	readonly dir: string;
	readonly state: ClusterState;
}

/** Where a cluster's folder keeps what belongs to its machines. */
export function stateFolder(dir: string): string {
	return join(resolve(dir), ".clusteros");
}

/** @throws UserError when no test cluster is there. */
export async function openTestCluster(dir: string): Promise<TestCluster> {
	const folder = stateFolder(dir);
	const state = await readClusterState(folder);
	if (state) return { shown: dir, dir: folder, state };
	throw new UserError("failed", { message: `no test cluster is in ${dir}`, fix: `clusteros up ${quote(dir)}` });
}

/** Machines of the test cluster: `all`, a name or a hostlist. @throws UserError for names that are not there. */
export function selectMachines({ state }: TestCluster, hostlist: string): string[] {
	return selectNodes(
		hostlist,
		state.machines.map(({ name }) => name),
	);
}
