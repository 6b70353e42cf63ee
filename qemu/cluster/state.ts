import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type ClusterState, clusterState, type MachineState } from "../../core/contract/cluster-state.ts";
import { UserError } from "../../core/errors.ts";
import { nearest } from "../../core/toml/nearest.ts";
import { StartedMachine } from "../started-machine.ts";
import { clusterFiles } from "./files.ts";
import { specOf } from "./spec.ts";

/** The cluster in that state folder; undefined when there is none. @throws UserError when its file is not ours. */
export async function readClusterState(dir: string): Promise<ClusterState | undefined> {
	const file = clusterFiles(dir).state;
	const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
		if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
		throw error;
	});
	if (text === undefined) return undefined;
	const checked = clusterState.safeParse(parsed(text));
	if (checked.success) return checked.data;
	throw new UserError("invalid", {
		message: "this is not a test cluster's state, or another version's",
		where: { file },
		fix: "end its machines by hand (ps -C qemu-system-x86_64), then remove the folder it lies in",
	});
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** Whole or not at all, and for its owner alone. */
export async function writeClusterState(dir: string, state: ClusterState): Promise<void> {
	await writePrivate(clusterFiles(dir).state, state);
}

/** Writes JSON for its owner alone, in one step, making the folder. */
export async function writePrivate(file: string, value: unknown): Promise<void> {
	await mkdir(dirname(file), { recursive: true, mode: 0o700 });
	const half = `${file}.${process.pid}`;
	try {
		await writeFile(half, `${JSON.stringify(value, null, "\t")}\n`, { mode: 0o600 });
		await rename(half, file);
	} catch (error) {
		await rm(half, { force: true });
		throw error;
	}
}

/** The machine's process, when it runs. */
export async function findRunning(state: ClusterState, machine: MachineState): Promise<StartedMachine | undefined> {
	return StartedMachine.attach(specOf(state, machine));
}

/** Which machines run, by name. */
export async function runningMachines(state: ClusterState): Promise<ReadonlyMap<string, StartedMachine>> {
	const found = await Promise.all(state.machines.map((machine) => findRunning(state, machine)));
	return new Map(found.flatMap((machine) => (machine ? [[machine.spec.name, machine] as const] : [])));
}

/** @throws UserError with the nearest name. */
export function machineNamed(state: ClusterState, name: string): MachineState {
	const machine = state.machines.find((each) => each.name === name);
	if (machine) return machine;
	const names = state.machines.map((each) => each.name);
	const near = nearest(name, names);
	const fix = near ? `did you mean "${near}"?` : `machines: ${names.join(", ")}`;
	throw new UserError("usage", { message: `no machine ${name} in this test cluster`, fix });
}
