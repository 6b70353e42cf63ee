import type { ClusterState } from "../../core/contract/cluster-state.ts";
import { patience } from "../emulation.ts";
import type { Ending, StartedMachine } from "../started-machine.ts";
import { stopSwitch } from "../switch/process.ts";
import { filesOfSwitch } from "./files.ts";
import { removeCluster, removeMachine } from "./remove.ts";
import { runningMachines, writeClusterState } from "./state.ts";

/** Seconds under KVM for a guest to power down: systemd itself gives a unit that hangs 90. */
const GRACE = 20;

export interface StopOptions {
	/** Pull the plug instead of asking the guests to power down. */
	readonly hard: boolean;
	/** Only these; all by default. */
	readonly names?: readonly string[] | undefined;
}

/** Ends machines, and the switch after the last; their disks stay. Returns how each ended. */
export async function stopCluster(
	dir: string,
	state: ClusterState,
	{ hard, names }: StopOptions,
): Promise<ReadonlyMap<string, Ending>> {
	const running = await runningMachines(state);
	const wanted = state.machines.map(({ name }) => name).filter((name) => names === undefined || names.includes(name));
	const endings = await Promise.all(
		wanted.map(async (name): Promise<[string, Ending]> => {
			const machine = running.get(name);
			return [name, machine ? await end(machine, hard) : "gone"];
		}),
	);
	if ((await runningMachines(state)).size === 0) await stopSwitch(filesOfSwitch(dir, state));
	return new Map(endings);
}

/** A paused guest cannot hear the power button. */
async function end(machine: StartedMachine, hard: boolean): Promise<Ending> {
	if (hard) return machine.stop();
	await machine.qmp((qmp) => qmp.execute("cont"), 3000).catch(() => {});
	return machine.stop(patience(GRACE, machine.spec.accel));
}

/** Ends all machines and takes away everything that the test cluster has made. */
export async function downCluster(dir: string, state: ClusterState, hard: boolean): Promise<ReadonlyMap<string, Ending>> {
	const endings = await stopCluster(dir, state, { hard });
	await removeCluster(dir, state);
	return endings;
}

/** Ends these machines and removes their disks; the others go on. Returns what is left, as written. */
export async function dropMachines(dir: string, state: ClusterState, names: readonly string[]): Promise<ClusterState> {
	const gone = state.machines.filter(({ name }) => names.includes(name));
	const running = await runningMachines(state);
	await Promise.all(gone.map(({ name }) => running.get(name)?.stop()));
	await Promise.all(gone.map((machine) => removeMachine(state, machine)));
	const left = { ...state, machines: state.machines.filter(({ name }) => !names.includes(name)) };
	await writeClusterState(dir, left);
	return left;
}
