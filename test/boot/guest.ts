import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { ToolError } from "../../core/errors.ts";
import type { RunOptions } from "../../core/process/run.ts";
import { createKey } from "../../core/ssh/key.ts";
import { closeSsh, type SshTarget, sshRun, waitForSsh } from "../../core/ssh/ssh.ts";
import { patience } from "../../qemu/emulation.ts";
import { startMachine } from "../../qemu/launch.ts";
import { type Accel, type Disk, type Firmware, type MachineSpec, machineFiles } from "../../qemu/machine.ts";
import { createOverlay } from "../../qemu/overlay-disk.ts";
import { freePorts } from "../../qemu/ports.ts";
import { createSeedDisk } from "../../qemu/seed-disk.ts";
import type { StartedMachine } from "../../qemu/started-machine.ts";
import { acceleration } from "./accel.ts";
import { HOST_NAME, seedFor, USER } from "./seed.ts";

const GIB = 2 ** 30;
/** Larger than the image's own, so that the root filesystem has something to grow into. */
export const DISK_SIZE = 8 * GIB;

/** A machine under test, in a folder of its own that goes away with it. */
export class Guest implements AsyncDisposable {
	readonly machine: StartedMachine;
	readonly ssh: SshTarget;
	readonly accel: Accel;
	readonly #folder: string;

	constructor(machine: StartedMachine, ssh: SshTarget, folder: string) {
		this.machine = machine;
		this.ssh = ssh;
		this.accel = machine.spec.accel;
		this.#folder = folder;
	}

	/** What a command prints there, without the last newline. @throws ToolError when it fails. */
	async run(command: readonly string[], options: Partial<RunOptions> = {}): Promise<string> {
		return (await explained(sshRun(this.ssh, command, { timeout: patience(30, this.accel), ...options }))).stdout;
	}

	/** Waits until ssh answers; when it does not, says what the console showed last. */
	async reachable(): Promise<void> {
		await waitForSsh(this.ssh, patience(40, this.accel)).catch(async (error: Error) => {
			const tail = await this.machine.console.tail(25);
			throw new Error(`${error.message}\nlast lines of the console:\n${tail.join("\n")}`);
		});
	}

	/** Reboots from inside and waits for the new boot. */
	async reboot(): Promise<void> {
		const boot = await this.run(["cat", "/proc/sys/kernel/random/boot_id"]);
		await closeSsh(this.ssh);
		await this.run(["sudo", "systemctl", "reboot"], { ok: [0, 255] });
		await closeSsh(this.ssh);
		for (;;) {
			await this.reachable();
			// A connection that is cut as the machine goes down has no answer: that is not another boot yet.
			const now = await this.run(["cat", "/proc/sys/kernel/random/boot_id"], { ok: [0, 255] });
			if (now !== "" && now !== boot) return;
		}
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await closeSsh(this.ssh);
		await this.machine.stop();
		await rm(this.#folder, { recursive: true, force: true });
	}
}

export interface GuestOptions {
	readonly firmware: Firmware;
	/** Without a seed nobody can log in: `secondSerial` is then the way in. */
	readonly seed: boolean;
	readonly secondSerial?: boolean;
}

/** A failed program's last lines are data of its error; a test report shows the message alone. */
async function explained<T>(work: Promise<T>): Promise<T> {
	return work.catch((error: unknown) => {
		throw error instanceof ToolError ? new Error([error.message, ...error.failure.tail].join("\n"), { cause: error }) : error;
	});
}

/** Boots the image under test; returns as soon as QEMU runs. */
export async function bootGuest(options: GuestOptions): Promise<Guest> {
	const folder = await mkdtemp(join(tmpdir(), "clusteros-guest-"));
	try {
		const [port] = await freePorts(1);
		const key = await createKey(join(folder, "id"), "boot tier");
		const overlay = await createOverlay({ image: inject("image"), file: join(folder, "root.qcow2"), size: DISK_SIZE });
		const disks: Disk[] = [{ ...overlay, unsafe: true }];
		if (options.seed) disks.push(await createSeedDisk(join(folder, "seed.img"), seedFor(key.publicKey)));
		const machine = await explained(startMachine(await specFor(folder, options, disks, port!), { lifetime: "parent" }));
		const files = { identity: key.identity, knownHosts: join(folder, "known_hosts"), control: join(folder, "ssh") };
		return new Guest(machine, { host: "127.0.0.1", port: port!, user: USER, ...files }, folder);
	} catch (error) {
		await rm(folder, { recursive: true, force: true });
		throw error;
	}
}

async function specFor(folder: string, options: GuestOptions, disks: readonly Disk[], port: number): Promise<MachineSpec> {
	const { accel } = await acceleration();
	return {
		name: HOST_NAME,
		memoryMiB: 1024,
		cpus: 2,
		accel,
		firmware: options.firmware,
		disks,
		nics: [{ kind: "user", mac: "52:54:00:c1:05:01", restrict: true, forwards: [{ host: port, guest: 22 }] }],
		secondSerial: options.secondSerial ? join(folder, "shell.sock") : undefined,
		files: machineFiles(folder),
	};
}
