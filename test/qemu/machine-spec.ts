import { type MachineSpec, machineFiles } from "../../qemu/machine.ts";

/** A small machine to vary in tests. */
export function machineSpec(changes: Partial<MachineSpec> = {}): MachineSpec {
	const files = machineFiles("/run/m");
	return { name: "n1", memoryMiB: 1024, cpus: 1, accel: "tcg", firmware: "bios", disks: [], nics: [], files, ...changes };
}
