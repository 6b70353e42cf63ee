import * as z from "zod";
import { formatVersion } from "./version.ts";

const port = z.number().int().min(1).max(65535);

/** One virtual machine of a test cluster. */
const machineState = z.strictObject({
	name: z.string(),
	dir: z.string().describe("Folder of its disk, seed, serial log and pid, absolute; 0700."),
	ssh: port.describe("On 127.0.0.1, leads to the node's port 22."),
	api: port.optional().describe("On 127.0.0.1, leads to port 6443, k3s' API: of the first controller when the image has k3s."),
	cpus: z.int().min(1),
	memory: z.int().min(1).describe("MiB."),
	serial: z.string().optional().describe("SMBIOS serial number."),
	publish: z
		.array(z.strictObject({ host: port, guest: port }))
		.optional()
		.describe("More ports on 127.0.0.1 that lead into the node."),
	management: z.strictObject({ mac: z.string() }),
	lan: z.strictObject({
		mac: z.string(),
		address: z.string(),
		port: port.describe("The machine's UDP end."),
		peer: port.describe("The switch's end."),
	}),
});

/** `DIR/.clusteros/state.json`: the QEMU cluster that runs, or was stopped, in DIR. Written by `qemu/`, read by `cluster/`. */
export const clusterState = z.strictObject({
	version: formatVersion,
	id: z.uuid(),
	image: z.string().describe("Absolute path of the image underneath all disks."),
	stamp: z.string().optional().describe("Size and time of the image when the first disk was made over it."),
	kernel: z
		.strictObject({ vmlinuz: z.string(), initrd: z.string(), cmdline: z.string() })
		.optional()
		.describe("Booted directly; without it the firmware starts the disk."),
	accel: z.enum(["kvm", "tcg"]),
	slow: z.number().min(1),
	net: z.enum(["isolated", "nat"]),
	network: z.cidrv4().describe("The LAN."),
	switch: z.strictObject({ control: z.string().describe("Unix socket on which the switch takes orders, absolute.") }),
	machines: z.array(machineState).min(1),
});

export type ClusterState = z.output<typeof clusterState>;
export type MachineState = z.output<typeof machineState>;
