import { may } from "../../core/access.ts";
import type { MachineState } from "../../core/contract/cluster-state.ts";
import { UserError } from "../../core/errors.ts";
import { quote } from "../../core/process/quote.ts";
import { disksOfMachine } from "./files.ts";

/** The machines that have no disk, by name. */
export async function machinesWithoutDisk(machines: readonly MachineState[]): Promise<string[]> {
	const there = await Promise.all(machines.map((machine) => may(disksOfMachine(machine).root)));
	return machines.filter((_, index) => !there[index]).map(({ name }) => name);
}

/**
 * The machines of these names go on with the disks that they have. `shown` is the cluster's folder as typed. @throws UserError
 * that names each disk that is gone: making another one is for `up`.
 */
export async function mustHaveDisks(machines: readonly MachineState[], names: readonly string[], shown: string): Promise<void> {
	const without = (await machinesWithoutDisk(machines)).filter((name) => names.includes(name));
	if (without.length === 0) return;
	const gone = machines.filter(({ name }) => without.includes(name)).map((machine) => disksOfMachine(machine).root);
	const fix = `clusteros up ${quote(shown)}, which makes a new one; a node that was in the cluster has to be readmitted then`;
	throw new UserError(
		"failed",
		gone.map((root) => ({ message: `${root} is gone`, fix })),
	);
}
