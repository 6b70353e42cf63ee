import { join } from "node:path";

/** One virtual machine as plain data: `argv(spec)` turns it into a command line, `startMachine(spec)` into a process. */
export interface MachineSpec {
	readonly name: string;
	readonly memoryMiB: number;
	readonly cpus: number;
	readonly accel: Accel;
	readonly firmware: Firmware;
	/** In boot order: the first is what the firmware starts. */
	readonly disks: readonly Disk[];
	readonly nics: readonly Nic[];
	/** The second serial port (ttyS1) as a unix socket, for a shell that needs neither network nor login. */
	readonly secondSerial?: string | undefined;
	/** SMBIOS serial number: one of the things by which a node finds its entry in a cluster description. */
	readonly serialNumber?: string | undefined;
	/** A snapshot of its disk to go on from: the machine then stays paused until it is told to continue. */
	readonly resume?: string | undefined;
	readonly files: MachineFiles;
}

/** `kvm` runs on the processor itself, `tcg` is software emulation. */
export type Accel = "kvm" | "tcg";

/** `secureboot` enforces signatures with Microsoft's keys enrolled, as a PC is delivered. */
export type Firmware = "bios" | "uefi" | "secureboot" | DirectKernel;

/** Skips firmware and boot loader: QEMU itself loads the kernel. */
export interface DirectKernel {
	readonly kernel: string;
	readonly initrd: string;
	/** The kernel's command line, without the arguments that only emulation wants: these are added by `argv`. */
	readonly append: string;
}

export interface Disk {
	readonly file: string;
	readonly format: "qcow2" | "raw";
	readonly readonly?: boolean | undefined;
	/** Writes go to a temporary file that QEMU drops at its end. */
	readonly snapshot?: boolean | undefined;
	/** What the guest sees under /dev/disk/by-id/virtio-SERIAL; at most 20 bytes. */
	readonly serial?: string | undefined;
	/** What the guest flushes reaches the host's memory only: much faster; spoilt when the host dies, not when QEMU is killed. */
	readonly unsafe?: boolean | undefined;
}

export type Nic = UserNic | DgramNic;

/** NAT by QEMU itself; needs no rights on the host. */
export interface UserNic {
	readonly kind: "user";
	readonly mac: string;
	/** The guest reaches nothing but us: no egress, only the forwarded ports. */
	readonly restrict: boolean;
	readonly forwards: readonly PortForward[];
}

/** A TCP port on the host's loopback that leads into the guest. */
export interface PortForward {
	readonly host: number;
	readonly guest: number;
}

/** One cable into a switch of ours: ethernet frames as UDP datagrams over loopback. */
export interface DgramNic {
	readonly kind: "dgram";
	readonly mac: string;
	readonly localPort: number;
	readonly remotePort: number;
}

/** Where a machine's own files lie. */
export interface MachineFiles {
	/** Folder of all others but the socket; 0700. */
	readonly dir: string;
	/** What the first serial port (ttyS0) printed, over all starts. */
	readonly serial: string;
	/** What QEMU itself printed at its last start. */
	readonly log: string;
	readonly pid: string;
	/** QMP socket. The kernel takes at most 107 bytes for its path. */
	readonly qmp: string;
	/** UEFI variables, made at the first start. */
	readonly vars: string;
}

/** The usual names in `dir`; `socketDir` is a shorter path for the socket where `dir` may be deep. */
export function machineFiles(dir: string, socketDir: string = dir): MachineFiles {
	return {
		dir,
		serial: join(dir, "serial.log"),
		log: join(dir, "qemu.log"),
		pid: join(dir, "qemu.pid"),
		qmp: join(socketDir, "qmp.sock"),
		vars: join(dir, "vars.fd"),
	};
}
