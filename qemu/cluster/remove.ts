import { readdir, rm, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { ClusterState, MachineState } from "../../core/contract/cluster-state.ts";
import { order } from "../switch/client.ts";
import { stopSwitch } from "../switch/process.ts";
import { clusterFiles, filesOfMachine, filesOfSwitch, socketDir } from "./files.ts";

/** Takes away a machine that does not run: its disks, logs and sockets, and its cable. */
export async function removeMachine(state: ClusterState, machine: MachineState): Promise<void> {
	await order(state.switch.control, { order: "unplug", node: machine.name }).catch(() => {});
	const { qmp } = filesOfMachine(state, machine);
	await Promise.all([rm(machine.dir, { recursive: true, force: true }), rm(qmp, { force: true })]);
}

/** Takes away all that a test cluster whose machines have ended leaves; the folders too where nothing else is in them. */
export async function removeCluster(dir: string, state: ClusterState): Promise<void> {
	const files = filesOfSwitch(dir, state);
	await stopSwitch(files);
	await Promise.all(state.machines.map((machine) => removeMachine(state, machine)));
	const { state: stateFile, warm } = clusterFiles(dir);
	await Promise.all([files.log, warm, stateFile].map((file) => rm(file, { force: true })));
	await removeEmpty(socketDir(state));
	await removeEmpty(dirname(socketDir(state)));
	await removeEmpty(dir);
}

/** A folder below which others keep something stays. */
async function removeEmpty(dir: string): Promise<void> {
	const left = await readdir(dir).catch(() => ["?"]);
	if (left.length === 0) await rmdir(dir).catch(() => {});
}
