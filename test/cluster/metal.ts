import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openReach } from "../../cluster/reach/open.ts";
import { runtimeFolder } from "../../cluster/reach/runtime.ts";
import { poll } from "../../core/deadline.ts";
import { run } from "../../core/process/run.ts";
import { closeSsh } from "../../core/ssh/ssh.ts";
import { patience } from "../../qemu/emulation.ts";
import { startMachine } from "../../qemu/launch.ts";
import { type Accel, type DgramNic, machineFiles } from "../../qemu/machine.ts";
import { freePorts, freeUdpPorts } from "../../qemu/ports.ts";
import type { StartedMachine } from "../../qemu/started-machine.ts";
import { acceleration } from "../boot/accel.ts";
import { clusteros, mustClusteros } from "./clusteros.ts";

const GIB = 2 ** 30;
/** Larger than the image: what is flashed has to grow into it. */
const DISK_SIZE = 6 * GIB;
/** MACs of the LAN as a vendor would give them. c1's is in cluster.toml; n1's LAN is found by the agent. */
const LAN_MACS = { c1: "02:c1:05:00:00:01", n1: "02:c1:05:00:00:02" } as const;

/** A computer with a disk of its own that somebody has flashed; its firmware starts what it finds there. */
export interface Computer {
	readonly name: "c1" | "n1";
	readonly disk: string;
	readonly machine: StartedMachine;
}

/** Two computers with a cable between them, and the folder of a cluster that reaches them by ssh alone. */
export interface Metal extends AsyncDisposable {
	readonly dir: string;
	readonly accel: Accel;
	readonly computers: readonly Computer[];
}

/**
 * Flashes two disks as a person does without our tools and switches the computers on. There is no DHCP on the cable: they take
 * link-local addresses, and find each other by mDNS. Returns when they run their firmware.
 */
export async function startMetal(image: string): Promise<Metal> {
	const root = await mkdtemp(join(tmpdir(), "clusteros-metal-"));
	const dir = join(root, "site");
	const computers: Computer[] = [];
	const end = async () => {
		await Promise.all(computers.map(({ machine }) => machine.stop()));
		await endConnections(dir);
		await rm(root, { recursive: true, force: true });
	};
	try {
		const { accel } = await acceleration();
		const [[c1Port, n1Port], [a, b]] = await Promise.all([freePorts(2), freeUdpPorts(2)]);
		await describe(dir, { c1: c1Port!, n1: n1Port! }, patience(1, accel) / 1000);
		const disks = await flash(root, dir, image);
		const cable = { c1: [a!, b!], n1: [b!, a!] } as const;
		for (const [name, port] of [
			["c1", c1Port!],
			["n1", n1Port!],
		] as const) {
			const [localPort, remotePort] = cable[name];
			const lan: DgramNic = { kind: "dgram", mac: LAN_MACS[name], localPort, remotePort };
			const machine = await switchOn(root, { name, disk: disks[name], port, lan, accel });
			computers.push({ name, disk: disks[name], machine });
		}
		return { dir, accel, computers, [Symbol.asyncDispose]: end };
	} catch (error) {
		await end();
		throw error;
	}
}

/** As `init` writes it, and what a person adds for machines that are there: how to reach them, and how slow they are. */
async function describe(dir: string, ports: Readonly<Record<"c1" | "n1", number>>, slow: number): Promise<void> {
	await mustClusteros("init", dir, "--nodes", "2");
	const file = join(dir, "cluster.toml");
	const reach = (name: "c1" | "n1") => `reach = { via = "ssh", host = "127.0.0.1", port = ${ports[name]}, user = "clusteros" }`;
	const text = (await readFile(file, "utf8"))
		.replace("version = 1\n", `version = 1\nslow = ${slow}\n`)
		.replace('name = "c1"\n', `name = "c1"\nmac = "${LAN_MACS.c1}"\n${reach("c1")}\n`)
		.replace('name = "n1"\n', `name = "n1"\n${reach("n1")}\n`);
	await writeFile(file, text);
}

/** n1: the image as it is, then plain files copied onto its seed partition. c1: the seed put into the image, then the image. */
async function flash(root: string, dir: string, image: string): Promise<{ c1: string; n1: string }> {
	const raw = join(root, "slurm.raw");
	await run(["qemu-img", "convert", "-O", "raw", image, raw], { doing: "taking the raw image" });
	const disks = { c1: join(root, "c1.disk"), n1: join(root, "n1.disk") };
	await dd(raw, disks.n1);
	const folder = join(root, "n1-seed");
	await mustClusteros("seed", dir, "--node", "n1", "--out", folder);
	const files = (await readdir(folder)).map((name) => join(folder, name));
	await run(["mcopy", "-i", `${disks.n1}@@${(await seedPartition(disks.n1)).start}`, ...files, "::"], {
		doing: "copying n1's seed",
	});
	await rm(folder, { recursive: true });
	await mustClusteros("seed", dir, "--node", "c1", "--into", raw);
	await dd(raw, disks.c1);
	await rm(raw);
	return disks;
}

async function dd(image: string, disk: string): Promise<void> {
	await writeFile(disk, "", { mode: 0o600 });
	await truncate(disk, DISK_SIZE);
	const words = [`if=${image}`, `of=${disk}`, "bs=4M", "conv=sparse,notrunc", "status=none"];
	await run(["dd", ...words], { doing: `flashing ${disk}` });
}

/** Where the partition for seeds lies on a disk, in bytes. */
export async function seedPartition(disk: string): Promise<{ start: number; size: number }> {
	const { stdout } = await run(["sfdisk", "--json", disk], { doing: `reading the partitions of ${disk}` });
	const { partitions } = JSON.parse(stdout).partitiontable as { partitions: { start: number; size: number; name?: string }[] };
	const found = partitions.find(({ name }) => name === "cidata")!;
	return { start: found.start * 512, size: found.size * 512 };
}

interface Parts {
	readonly name: "c1" | "n1";
	readonly disk: string;
	/** On 127.0.0.1, leads to ssh. */
	readonly port: number;
	readonly lan: DgramNic;
	readonly accel: Accel;
}

/** It ends with this process, however that ends. */
async function switchOn(root: string, { name, disk, port, lan, accel }: Parts): Promise<StartedMachine> {
	const management = {
		kind: "user",
		mac: lan.mac.replace("02:", "06:"),
		restrict: true,
		forwards: [{ host: port, guest: 22 }],
	} as const;
	const spec = {
		name: `metal-${name}`,
		memoryMiB: 1024,
		cpus: name === "c1" ? 2 : 1,
		accel,
		firmware: "bios" as const,
		disks: [{ file: disk, format: "raw" as const, unsafe: true }],
		nics: [management, lan],
		files: machineFiles(join(root, name)),
	};
	return startMachine(spec, { lifetime: "parent" });
}

/** Shared connections, and the folder of their sockets: no `down` does that here. */
async function endConnections(dir: string): Promise<void> {
	const reached = await openReach(dir).catch(() => undefined);
	if (!reached) return;
	await Promise.all(reached.nodes.map(({ name }) => closeSsh(reached.link(name).target).catch(() => {})));
	await rm(runtimeFolder(dir, reached.cluster.id, process.env, process.getuid!()), { recursive: true, force: true });
}

/** Waits until `clusteros status` calls both ready. @throws Error with the nodes' states and last words when they are not. */
export async function untilReady({ dir, accel, computers }: Metal): Promise<void> {
	let last = "";
	const look = async () => {
		const { stdout } = await clusteros("status", dir, "--json");
		last = stdout;
		return JSON.parse(stdout).ready === true || undefined;
	};
	if (await poll(look, { timeout: patience(100, accel), every: 1000 })) return;
	const tails = await Promise.all(
		computers.map(async ({ name, machine }) => [`${name}:`, ...(await machine.console.tail(15))].join("\n")),
	);
	throw new Error(`not ready: ${last}\n${tails.join("\n")}`);
}
