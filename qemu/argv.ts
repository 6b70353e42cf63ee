import { diskArgs } from "./devices/disk.ts";
import { firmwareArgs } from "./devices/firmware.ts";
import { nicArgs } from "./devices/nic.ts";
import { optionList, optionValue } from "./devices/option.ts";
import { serialArgs } from "./devices/serial.ts";
import { accelArgs } from "./emulation.ts";
import type { MachineSpec } from "./machine.ts";

/** QEMU's whole command line for a machine. Pure; the order of devices is that of the spec, so that PCI slots stay put. */
export function argv(spec: MachineSpec): string[] {
	return [
		"qemu-system-x86_64",
		"-name",
		optionList({ guest: spec.name }),
		...["-no-user-config", "-nodefaults", "-display", "none", "-vga", "none"],
		...accelArgs(spec.accel),
		...["-m", String(spec.memoryMiB), "-smp", String(spec.cpus)],
		...firmwareArgs(spec),
		...(spec.serialNumber === undefined ? [] : ["-smbios", `type=1,${optionList({ serial: spec.serialNumber })}`]),
		...spec.disks.flatMap(diskArgs),
		...spec.nics.flatMap(nicArgs),
		// Emulated processors have no RDRAND: without a source of entropy the first key made in the guest waits for one.
		...["-object", "rng-builtin,id=rng0", "-device", "virtio-rng-pci,rng=rng0"],
		...serialArgs(spec),
		...["-qmp", `unix:${optionValue(spec.files.qmp)},server=on,wait=off`],
		...["-pidfile", spec.files.pid],
		...(spec.resume === undefined ? [] : ["-loadvm", spec.resume, "-S"]),
	];
}
