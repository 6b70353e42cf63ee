import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readImage } from "../../../qemu/cluster/image.ts";
import { macOf } from "../../../qemu/cluster/plan.ts";
import { startMachine } from "../../../qemu/launch.ts";
import { type Accel, type MachineSpec, machineFiles, type Nic } from "../../../qemu/machine.ts";
import { createOverlay } from "../../../qemu/overlay-disk.ts";
import type { StartedMachine } from "../../../qemu/started-machine.ts";
import { measure, type Sample } from "../measure.ts";
import { removeTree } from "../scratch.ts";

export interface BareSpec {
	readonly dir: string;
	readonly image: string;
	readonly nodes: number;
	readonly accel: Accel;
	readonly signal: AbortSignal;
}

/** As `clusteros up` has them. */
const MEMORY = 1024;
const DISK = 8 * 2 ** 30;
const LOGIN = /^\S+ login:/m;
/** Milliseconds: a host that is slow today is measured all the same. */
const TIMEOUT = 3_600_000;

/**
 * The same machines as a cluster's, all at once, but for what makes it one: no seed, no LAN. Until the last shows its login
 * prompt. Both their interfaces get an address, so that none waits for one.
 */
export async function bootBare(spec: BareSpec): Promise<Sample> {
	const { dir, nodes, signal } = spec;
	const sockets = await mkdtemp(join(tmpdir(), "clusteros-bench-"));
	const started: StartedMachine[] = [];
	try {
		await mkdir(dir, { recursive: true });
		const boot = async (machine: MachineSpec) => {
			const running = await startMachine(machine, { lifetime: "parent", signal });
			started.push(running);
			await running.console.waitFor(LOGIN, TIMEOUT, signal);
		};
		const work = async () => {
			const specs = await Promise.all(Array.from({ length: nodes }, (_, index) => machineSpec(spec, index, sockets)));
			await Promise.all(specs.map(boot));
		};
		return (await measure(work, () => started.map(({ pid }) => pid))).sample;
	} finally {
		await Promise.all(started.map((machine) => machine.stop()));
		await removeTree(dir, sockets);
	}
}

async function machineSpec({ dir, image, accel }: BareSpec, index: number, sockets: string): Promise<MachineSpec> {
	const name = index === 0 ? "c1" : `n${index}`;
	const { file, kernel } = await readImage(image);
	if (kernel === undefined) throw new Error(`the image has no manifest beside it that names its kernel: ${image}`);
	const files = { ...machineFiles(join(dir, name)), qmp: join(sockets, `${name}.qmp`) };
	await mkdir(files.dir, { recursive: true });
	const root = await createOverlay({ image: file, file: join(files.dir, "root.qcow2"), size: DISK });
	const nic = (which: "management" | "lan"): Nic => ({
		kind: "user",
		mac: macOf("bare", name, which),
		restrict: true,
		forwards: [],
	});
	return {
		name,
		memoryMiB: MEMORY,
		cpus: index === 0 ? 2 : 1,
		accel,
		firmware: { kernel: kernel.vmlinuz, initrd: kernel.initrd, append: kernel.cmdline },
		disks: [{ ...root, unsafe: true }],
		nics: [nic("management"), nic("lan")],
		files,
	};
}
