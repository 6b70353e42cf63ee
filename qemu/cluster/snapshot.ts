import type { ClusterState } from "../../core/contract/cluster-state.ts";
import { UserError } from "../../core/errors.ts";
import type { StartedMachine } from "../started-machine.ts";
import { runningMachines } from "./state.ts";

/** Name of the snapshot in every machine's disk. */
export const SNAPSHOT = "warm";
/** Milliseconds: a GB of memory to a slow disk. */
const SAVE_TIMEOUT = 300_000;

/**
 * Keeps the state of all machines, memory included, in their disks. All are paused before the first is saved, so that nobody
 * remembers a message that nobody has sent; they go on afterwards whatever happens. @throws UserError.
 */
export async function saveSnapshots(state: ClusterState): Promise<void> {
	const machines = await mustAllRun(state);
	await pauseAll(machines);
	try {
		await Promise.all(machines.map((machine) => save(machine)));
	} finally {
		await continueAll(machines);
	}
}

export async function pauseAll(machines: readonly StartedMachine[]): Promise<void> {
	await Promise.all(machines.map((machine) => machine.qmp((qmp) => qmp.execute("stop"))));
}

export async function continueAll(machines: readonly StartedMachine[]): Promise<void> {
	await Promise.all(machines.map((machine) => machine.qmp((qmp) => qmp.execute("cont"))));
}

async function mustAllRun(state: ClusterState): Promise<StartedMachine[]> {
	const running = await runningMachines(state);
	const off = state.machines.filter(({ name }) => !running.has(name)).map(({ name }) => name);
	if (off.length === 0) return [...running.values()];
	throw new UserError("failed", { message: `a snapshot takes all machines, and these do not run: ${off.join(", ")}` });
}

/** The monitor's own savevm: QMP's snapshot-save wants names of block nodes, which our drives do not have. Its answer is empty when all is well. */
async function save(machine: StartedMachine): Promise<void> {
	const command = { "command-line": `savevm ${SNAPSHOT}` };
	const said = await machine.qmp((qmp) => qmp.execute<string>("human-monitor-command", command, SAVE_TIMEOUT));
	if (said.trim() === "") return;
	throw new UserError("failed", { message: `the state of ${machine.spec.name} could not be saved: ${said.trim()}` });
}
