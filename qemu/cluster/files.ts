import { join } from "node:path";
import type { ClusterState, MachineState } from "../../core/contract/cluster-state.ts";
import { type MachineFiles, machineFiles } from "../machine.ts";
import { type SwitchFiles, switchFiles } from "../switch/process.ts";

/** What a test cluster keeps in its state folder, `DIR/.clusteros`; each machine has a folder of its own there. */
export interface ClusterFiles {
	readonly dir: string;
	readonly state: string;
	readonly lock: string;
	readonly warm: string;
}

export function clusterFiles(dir: string): ClusterFiles {
	return { dir, state: join(dir, "state.json"), lock: join(dir, "lock"), warm: join(dir, "warm.json") };
}

/** Sockets lie beside the switch's: their folder has a short path. */
export function socketDir(state: Pick<ClusterState, "switch">): string {
	return join(state.switch.control, "..");
}

export function filesOfSwitch(dir: string, state: Pick<ClusterState, "switch">): SwitchFiles {
	return switchFiles(dir, state.switch.control);
}

export function filesOfMachine(state: Pick<ClusterState, "switch">, machine: MachineState): MachineFiles {
	return { ...machineFiles(machine.dir), qmp: join(socketDir(state), `${machine.name}.qmp`) };
}

/** Of a machine: what it changes on top of the image, and its seed. */
export function disksOfMachine(machine: Pick<MachineState, "dir">): { readonly root: string; readonly seed: string } {
	return { root: join(machine.dir, "root.qcow2"), seed: join(machine.dir, "seed.img") };
}
