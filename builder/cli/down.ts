import { withLock } from "../../qemu/cluster/lock.ts";
import { readClusterState } from "../../qemu/cluster/state.ts";
import { downCluster } from "../../qemu/cluster/stop.ts";
import type { Ending } from "../../qemu/started-machine.ts";
import type { RunDown } from "./down-options.ts";
import { showEndings } from "./stop.ts";
import { stateFolder } from "./test-cluster.ts";

/** `clusteros down`. That nothing is there is no error: then all is as it should be. */
export const runDown: RunDown = async (shown, { now, json }) => {
	const dir = stateFolder(shown);
	const state = await readClusterState(dir);
	// The disks go away: there is nothing that a guest could save by powering down, but what a job writes elsewhere.
	const endings: ReadonlyMap<string, Ending> = state ? await withLock(dir, () => downCluster(dir, state, now)) : new Map();
	showEndings(endings, json);
	if (!state && !json) process.stderr.write(`no test cluster is in ${shown}\n`);
};
