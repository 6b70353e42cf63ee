import { withLock } from "../../qemu/cluster/lock.ts";
import { stopCluster } from "../../qemu/cluster/stop.ts";
import type { Ending } from "../../qemu/started-machine.ts";
import type { RunStop } from "./stop-options.ts";
import { openTestCluster, selectMachines } from "./test-cluster.ts";

/** `clusteros stop`. That a machine does not run is no error. */
export const runStop: RunStop = async (dir, nodes, { now, json }) => {
	const cluster = await openTestCluster(dir);
	const names = selectMachines(cluster, nodes);
	const endings = await withLock(cluster.dir, () => stopCluster(cluster.dir, cluster.state, { hard: now, names }));
	showEndings(endings, json);
};

const WORDS: Readonly<Record<Ending, string>> = {
	powerdown: "powered down",
	quit: "plug pulled",
	kill: "QEMU did not answer and was killed",
	gone: "did not run",
};

/** How each machine ended, a line a machine. */
export function showEndings(endings: ReadonlyMap<string, Ending>, json: boolean): void {
	if (json) process.stdout.write(`${JSON.stringify({ version: 1, machines: Object.fromEntries(endings) }, null, "\t")}\n`);
	else for (const [name, ending] of endings) process.stderr.write(`${name}  ${WORDS[ending]}\n`);
}
