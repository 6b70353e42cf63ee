import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { ClusterState } from "../../../core/contract/cluster-state.ts";
import { Interrupted, ToolError, UserError } from "../../../core/errors.ts";
import { machinesWithoutDisk } from "../../../qemu/cluster/disks.ts";
import { faultNode } from "../../../qemu/cluster/fault.ts";
import { imageStamp, mustBeSameImage, readImage } from "../../../qemu/cluster/image.ts";
import { type NodeInput, planCluster } from "../../../qemu/cluster/plan.ts";
import { continueAll, SNAPSHOT, saveSnapshots } from "../../../qemu/cluster/snapshot.ts";
import { type StartInput, startCluster } from "../../../qemu/cluster/start.ts";
import { readClusterState, runningMachines, writeClusterState } from "../../../qemu/cluster/state.ts";
import { downCluster, dropMachines, stopCluster } from "../../../qemu/cluster/stop.ts";
import { freePorts, freeUdpPorts } from "../../../qemu/ports.ts";
import { order } from "../../../qemu/switch/client.ts";
import { missing, named } from "../programs.ts";
import { ID } from "./inputs.ts";

const lacking = missing("qemu-system-x86_64", "qemu-img", "mkfs.vfat", "mcopy");
const MIB = 2 ** 20;
let program: string;
let common: string;
let folder: string;
let dir: string;
let image: string;

beforeAll(async () => {
	common = await mkdtemp(join(tmpdir(), "life-"));
	program = join(common, "switch.mjs");
	const entryPoints = [join(import.meta.dirname, "../../../qemu/switch/main.ts")];
	await build({ entryPoints, outfile: program, bundle: true, platform: "node", target: "node20", format: "esm" });
});
afterAll(() => rm(common, { recursive: true }));

beforeEach(async () => {
	folder = await mkdtemp(join(common, "l"));
	dir = join(folder, ".clusteros");
	image = join(folder, "disk.raw");
	const bytes = Buffer.alloc(MIB);
	bytes.writeUInt16LE(0xaa55, 510);
	await writeFile(image, bytes);
});
afterEach(async () => {
	const state = await readClusterState(dir);
	if (state) await downCluster(dir, state, true);
});

/** Machines whose firmware finds nothing to boot: real QEMUs, and nothing to wait for. */
function nodes(...names: string[]): NodeInput[] {
	return names.map((name) => ({ name, cpus: 1, memoryMiB: 32 }));
}

async function planned(wanted: NodeInput[], before?: ClusterState): Promise<ClusterState> {
	const [ssh, udp] = await Promise.all([freePorts(wanted.length), freeUdpPorts(2 * wanted.length)]);
	const ports = ssh.map((port, i) => ({ ssh: port, lan: udp[2 * i]!, peer: udp[2 * i + 1]! }));
	const stamp = await imageStamp(image);
	const sockets = join(folder, "s");
	return planCluster({
		id: ID,
		dir,
		sockets,
		nodes: wanted,
		image,
		stamp,
		accel: "tcg",
		net: "isolated",
		publish: [],
		ports,
		before,
	});
}

async function start(state: ClusterState, changes: Partial<StartInput> = {}) {
	const fresh = await machinesWithoutDisk(state.machines);
	const seeds = new Map(fresh.map((name) => [name, { "meta-data": `instance-id: ${name}\n` }]));
	const before = await readClusterState(dir);
	return startCluster({ dir, state, before, switchProgram: program, seeds, diskSize: 4 * MIB, ...changes });
}

async function names(state: ClusterState): Promise<string[]> {
	return [...(await runningMachines(state)).keys()].toSorted();
}

describe.skipIf(lacking.length > 0)(named("a cluster of machines", lacking), () => {
	it("starts, is found by others, and is gone after `down` with all it made", async () => {
		const { state } = await start(await planned(nodes("c1", "n1")));
		const read = (await readClusterState(dir))!;
		expect(read).toEqual(state);
		expect(await names(read)).toEqual(["c1", "n1"]);
		for (const path of [dir, join(dir, "c1"), join(folder, "s")]) expect((await stat(path)).mode & 0o777).toBe(0o700);
		for (const file of ["state.json", "c1/root.qcow2", "c1/seed.img", "switch.log"]) {
			expect((await stat(join(dir, file))).mode & 0o777).toBe(0o600);
		}
		const pids = [...(await runningMachines(read)).values()].map(({ pid }) => pid);
		await downCluster(dir, read, true);
		expect(await readdir(folder)).toEqual(["disk.raw"]);
		for (const pid of pids) expect(existsSync(`/proc/${pid}/exe`)).toBe(false);
	});

	it("leaves what others keep in its folder", async () => {
		const { state } = await start(await planned(nodes("c1")));
		await writeFile(join(dir, "admin.key"), "x");
		await downCluster(dir, state, true);
		expect(await readdir(dir)).toEqual(["admin.key"]);
	});

	it("keeps its disks over a stop, and starts only what does not run", async () => {
		const first = await start(await planned(nodes("c1", "n1")));
		expect(await stopCluster(dir, first.state, { hard: true, names: ["n1"] })).toEqual(new Map([["n1", "quit"]]));
		expect(await names(first.state)).toEqual(["c1"]);
		const inode = (await stat(join(dir, "n1/root.qcow2"))).ino;
		const again = await start(await planned(nodes("c1", "n1"), first.state));
		expect(again.started.map(({ spec }) => spec.name)).toEqual(["n1"]);
		expect((await stat(join(dir, "n1/root.qcow2"))).ino).toBe(inode);
		await stopCluster(dir, again.state, { hard: true });
		expect(existsSync(join(dir, "switch.pid"))).toBe(false);
	});

	it("takes nodes in and lets nodes go while the others run", async () => {
		const first = await start(await planned(nodes("c1", "n1")));
		const pid = (await runningMachines(first.state)).get("c1")!.pid;
		const more = await start(await planned(nodes("c1", "n1", "n2"), first.state));
		expect(await names(more.state)).toEqual(["c1", "n1", "n2"]);
		const left = await dropMachines(dir, more.state, ["n1"]);
		expect(await readClusterState(dir)).toEqual(left);
		expect(await names(more.state)).toEqual(["c1", "n2"]);
		expect(existsSync(join(dir, "n1"))).toBe(false);
		expect((await runningMachines(left)).get("c1")!.pid).toBe(pid);
		const answer = await order(left.switch.control, { order: "stats" });
		expect(answer.ok && Object.keys(answer.stats!.nodes).toSorted()).toEqual(["c1", "n2"]);
	});

	it.each(["ssh", "api"] as const)("takes other ports when its own for %s is taken meanwhile", async (which) => {
		const plan = await planned(nodes("c1"));
		const [api] = await freePorts(1);
		const state = { ...plan, machines: plan.machines.map((machine) => ({ ...machine, api })) };
		const squatter = createServer().listen(state.machines[0]![which], "127.0.0.1");
		await once(squatter, "listening");
		try {
			const started = await start(state);
			expect(started.state.machines[0]![which]).not.toBe(state.machines[0]![which]);
			expect(await readClusterState(dir)).toEqual(started.state);
			expect(await names(started.state)).toEqual(["c1"]);
		} finally {
			squatter.close();
		}
	});

	it("says so when a port that was asked for is taken, and leaves nothing", async () => {
		const squatter = createServer().listen(0, "127.0.0.1");
		await once(squatter, "listening");
		const host = (squatter.address() as { port: number }).port;
		try {
			const plan = await planned(nodes("c1"));
			const state = { ...plan, machines: plan.machines.map((one) => ({ ...one, publish: [{ host, guest: 80 }] })) };
			await expect(start(state)).rejects.toThrow(`--publish ${host}:c1:80: port ${host} on 127.0.0.1 is taken`);
			expect(await readdir(folder)).toEqual(["disk.raw"]);
		} finally {
			squatter.close();
		}
	});

	it("undoes everything when one machine's QEMU dies at start, and says its last words", async () => {
		const broken = { name: "n1", cpus: 1, memoryMiB: 2 ** 40 };
		const error = await start(await planned([...nodes("c1"), broken])).catch((e: unknown) => e);
		expect(error).toBeInstanceOf(ToolError);
		expect((error as ToolError).failure).toMatchObject({
			doing: "starting machine n1",
			tail: [expect.stringMatching(/qemu|memory/)],
		});
		expect(await readdir(folder)).toEqual(["disk.raw"]);
	});

	it("goes back to what was there when a node that is added cannot start", async () => {
		const first = await start(await planned(nodes("c1")));
		const broken = { name: "n1", cpus: 1, memoryMiB: 2 ** 40 };
		await expect(start(await planned([...nodes("c1"), broken], first.state))).rejects.toThrow(/starting machine n1/);
		expect(await readClusterState(dir)).toEqual(first.state);
		expect(await names(first.state)).toEqual(["c1"]);
		expect(existsSync(join(dir, "n1"))).toBe(false);
	});

	it("ends what it has started when it is interrupted", async () => {
		const stop = new AbortController();
		const running = start(await planned(nodes("c1", "n1")), { signal: stop.signal });
		// Once something is there that has to go again, and long before both machines run.
		const looking = setInterval(() => existsSync(join(dir, "c1")) && stop.abort(), 2);
		onTestFinished(() => clearInterval(looking));
		await expect(running).rejects.toThrow(Interrupted);
		expect(await readdir(folder)).toEqual(["disk.raw"]);
	});

	it("can be undone after it has started, as ^C does while a command waits", async () => {
		const { state, undo } = await start(await planned(nodes("c1", "n1")));
		await undo();
		expect(await names(state)).toEqual([]);
		expect(await readdir(folder)).toEqual(["disk.raw"]);
	});

	it("makes a disk again whose making was cut short", async () => {
		const { state } = await start(await planned(nodes("c1")));
		await stopCluster(dir, state, { hard: true });
		await rm(join(dir, "c1/root.qcow2"));
		await writeFile(join(dir, "c1/root.qcow2.new"), "half");
		expect(await machinesWithoutDisk(state.machines)).toEqual(["c1"]);
		await start(await planned(nodes("c1"), state));
		expect(await readdir(join(dir, "c1"))).not.toContain("root.qcow2.new");
	});

	it("brings the switch back under machines that run", async () => {
		const { state } = await start(await planned(nodes("c1")));
		const { pid } = ((await order(state.switch.control, { order: "stats" })) as { stats: { pid: number } }).stats;
		process.kill(pid, "SIGKILL");
		await start(await planned(nodes("c1"), state));
		const answer = await order(state.switch.control, { order: "stats" });
		expect(answer.ok && Object.keys(answer.stats!.nodes)).toEqual(["c1"]);
	});

	it("runs beside another one", async () => {
		const { state } = await start(await planned(nodes("c1")));
		const elsewhere = join(folder, "b");
		const plan = await planned(nodes("c1"));
		const machines = plan.machines.map((one) => ({ ...one, dir: join(elsewhere, "c1") }));
		const other = { ...plan, switch: { control: join(folder, "t/switch.sock") }, machines };
		await start(other, { dir: elsewhere, before: undefined });
		expect(await names(other)).toEqual(["c1"]);
		await downCluster(elsewhere, other, true);
		expect(await names(state)).toEqual(["c1"]);
	});
});

describe.skipIf(lacking.length > 0)(named("faults", lacking), () => {
	const status = async (state: ClusterState, name: string) => {
		const machine = (await runningMachines(state)).get(name)!;
		return (await machine.qmp((qmp) => qmp.execute<{ status: string }>("query-status"))).status;
	};

	it("reach the machine and the switch", async () => {
		const { state } = await start(await planned(nodes("c1", "n1")));
		await faultNode(state, "n1", { kind: "pause" });
		expect([await status(state, "c1"), await status(state, "n1")]).toEqual(["running", "paused"]);
		await faultNode(state, "n1", { kind: "resume" });
		await faultNode(state, "n1", { kind: "reset" });
		expect(await status(state, "n1")).toBe("running");
		await faultNode(state, "n1", { kind: "cut" });
		await faultNode(state, "c1", { kind: "loss", percent: 20 });
		await faultNode(state, "c1", { kind: "delay", ms: 5 });
		const answer = await order(state.switch.control, { order: "stats" });
		expect(answer).toMatchObject({ stats: { nodes: { n1: { cut: true }, c1: { cut: false, loss: 20, delay: 5 } } } });
		await faultNode(state, "n1", { kind: "kill" });
		await expect.poll(() => names(state)).toEqual(["c1"]);
		await expect(faultNode(state, "n1", { kind: "reset" })).rejects.toThrow(/n1 does not run/);
	});

	it("name the machine that is not there, and a switch that does not run", async () => {
		const { state } = await start(await planned(nodes("c1")));
		await expect(faultNode(state, "c2", { kind: "cut" })).rejects.toThrow(/no machine c2/);
		await stopCluster(dir, state, { hard: true });
		await expect(faultNode(state, "c1", { kind: "cut" })).rejects.toThrow(/switch does not run/);
	});
});

describe.skipIf(lacking.length > 0)(named("snapshots", lacking), () => {
	it("are taken of all machines, which go on, and are gone back to, paused first", async () => {
		const { state } = await start(await planned(nodes("c1", "n1")));
		await saveSnapshots(state);
		const running = await runningMachines(state);
		for (const machine of running.values()) {
			expect(await machine.qmp((qmp) => qmp.execute("query-status"))).toMatchObject({ status: "running" });
		}
		await stopCluster(dir, state, { hard: true });
		const again = await start(await planned(nodes("c1", "n1"), state), { resume: SNAPSHOT });
		for (const machine of again.started) {
			expect(await machine.qmp((qmp) => qmp.execute("query-status"))).toMatchObject({ running: false });
		}
		await continueAll(again.started);
		for (const machine of again.started) {
			expect(await machine.qmp((qmp) => qmp.execute("query-status"))).toMatchObject({ status: "running" });
		}
	});

	it("need all machines, and one that was made", async () => {
		const { state } = await start(await planned(nodes("c1", "n1")));
		await stopCluster(dir, state, { hard: true, names: ["n1"] });
		await expect(saveSnapshots(state)).rejects.toThrow(/do not run: n1/);
		const error = await start(await planned(nodes("c1", "n1"), state), { resume: SNAPSHOT }).catch((e: unknown) => e);
		expect((error as ToolError).failure.tail.join()).toMatch(/Snapshot 'warm' does not exist/);
		expect(existsSync(join(dir, "n1/root.qcow2"))).toBe(true);
	});
});

describe.skipIf(lacking.length > 0)(named("the image", lacking), () => {
	it("must be one", async () => {
		const file = join(folder, "notes.txt");
		await writeFile(file, "no image\n");
		await expect(readImage(file)).rejects.toThrow(/is no disk image/);
		await expect(readImage(join(folder, "absent"))).rejects.toThrow(/there is no image/);
	});

	it("boots by its firmware without a manifest", async () => {
		expect(await readImage(image)).toEqual({
			file: image,
			stamp: await imageStamp(image),
			size: MIB,
			sha256: undefined,
			k3s: false,
			slurm: true,
		});
	});

	it("must stay what it was below the disks", async () => {
		const state = await planned(nodes("c1"));
		await mustBeSameImage(state);
		await truncate(image, 2 * MIB);
		await expect(mustBeSameImage(state)).rejects.toThrow(/has changed since/);
		await rm(image);
		await expect(mustBeSameImage(state)).rejects.toThrow(/is gone since/);
	});
});

describe("the state file", () => {
	it("is refused by name when it is not ours", async () => {
		expect(await readClusterState(dir)).toBeUndefined();
		await writeClusterState(dir, await planned(nodes("c1")));
		await chmod(join(dir, "state.json"), 0o600);
		await writeFile(join(dir, "state.json"), '{"version":2}');
		await expect(readClusterState(dir)).rejects.toThrow(UserError);
		await rm(join(dir, "state.json"));
	});
});
