import { resolve } from "node:path";
import { seedGeneration } from "../../cluster/describe/generation.ts";
import { makeRuntimeFolder, runtimeFolder } from "../../cluster/reach/runtime.ts";
import type { ClusterState } from "../../core/contract/cluster-state.ts";
import { API_PORT } from "../../core/node/k3s-servers.ts";
import { quote } from "../../core/process/quote.ts";
import { machinesWithoutDisk } from "../../qemu/cluster/disks.ts";
import { withLock } from "../../qemu/cluster/lock.ts";
import { planCluster } from "../../qemu/cluster/plan.ts";
import { publishPort } from "../../qemu/cluster/publish.ts";
import { mustHaveSpace } from "../../qemu/cluster/space.ts";
import { runningMachines } from "../../qemu/cluster/state.ts";
import { changesSince, mustBeCurrent, readWarm, type Warm, type WarmKey } from "../../qemu/cluster/warm.ts";
import { freePorts, freeUdpPorts } from "../../qemu/ports.ts";
import type { SeedFiles } from "../../qemu/seed-disk.ts";
import type { StartedMachine } from "../../qemu/started-machine.ts";
import { type BroughtUp, bringUp } from "./bring-up.ts";
import { seedFiles } from "./seed-files.ts";
import { mustHaveMachinesTools } from "./up-host.ts";
import { rememberImage } from "./up-image.ts";
import { wantedNodes } from "./up-nodes.ts";
import type { RunUp, UpOptions } from "./up-options.ts";
import { accelerationFor, dropStrays, lookAround, type Surroundings } from "./up-read.ts";
import { factsLine } from "./up-view.ts";
import { keepWarm, warmKeyOf } from "./up-warm.ts";

const GIB = 2 ** 30;
/** What a node's disk shows: qcow2 holds only what is written. */
const DISK_SIZE = 8 * GIB;

/** `clusteros up`: reads, plans, starts, waits, and keeps a snapshot where asked to. */
export const runUp: RunUp = async (shown, options, context) => {
	await mustHaveMachinesTools();
	const around = await dropStrays(await lookAround(shown, options), say(options));
	const { accel, reason } = await accelerationFor(options, around);
	const state = await plan(options, around, accel);
	const { resume, key } = await warmth(options, around, state);
	const fresh = await machinesWithoutDisk(state.machines);
	await mustHaveSpace(around.described.dir, fresh.length, options.warm ? sum(state.machines.map(({ memory }) => memory)) : 0);
	await rememberImage(around.described.dir, around.image.file);
	tell(options, around, state, reason, resume);
	const seeds = await makeSeeds(around, state, fresh);
	await publishNow(options, around, state);
	const roles = new Map(around.described.nodes.map((node) => [node.name, node.roles]));
	const diskSize = Math.max(DISK_SIZE, around.image.size);
	const common = { shown, dir: around.dir, state, before: around.before, seeds, diskSize, roles, json: options.json };
	const result = await bringUp({ ...common, resume: resume !== undefined, timeout: options.timeout }, context);
	const kept = result.ready && key && resume === undefined ? await keep(options, around, result.state, key) : undefined;
	finish(options, around, result, reason, kept);
};

async function plan(options: UpOptions, around: Surroundings, accel: ClusterState["accel"]): Promise<ClusterState> {
	const { described, dir, image, before } = around;
	const nodes = wantedNodes(described, options, { before, running: around.running.length > 0, k3s: image.k3s });
	const sockets = runtimeFolder(described.dir, described.cluster.id, process.env, process.getuid!());
	if (!before) makeRuntimeFolder(sockets, process.getuid!());
	const [[api, ...ssh], udp] = await Promise.all([freePorts(nodes.length + 1), freeUdpPorts(2 * nodes.length)]);
	const apiOf = (name: string) => (image.k3s && name === described.controllers[0] ? api : undefined);
	return planCluster({
		id: described.cluster.id,
		dir,
		sockets,
		nodes,
		image: image.file,
		stamp: image.stamp,
		kernel: image.kernel,
		accel,
		net: options.net ?? before?.net ?? "isolated",
		publish: options.publish,
		ports: ssh.map((port, i) => ({ ssh: port, lan: udp[2 * i]!, peer: udp[2 * i + 1]!, api: apiOf(nodes[i]!.name) })),
		before,
	});
}

interface Warmth {
	readonly resume?: Warm;
	readonly key?: WarmKey;
}

/** The snapshot to resume, if there is one that is still of this cluster; the key for the one to make, where one is wanted. */
async function warmth(options: UpOptions, around: Surroundings, state: ClusterState): Promise<Warmth> {
	if (!options.warm) return {};
	const key = await warmKeyOf(around.described, around.secrets, state);
	const warm = await readWarm(around.dir);
	if (!warm) return { key };
	if (around.running.length > 0) return changesSince(warm, key).length === 0 ? {} : { key };
	mustBeCurrent(warm, key);
	return { resume: warm, key };
}

function tell(options: UpOptions, around: Surroundings, state: ClusterState, reason: string, resume?: Warm): void {
	const print = say(options);
	print(factsLine(state, reason));
	const needed = sum(state.machines.map(({ memory }) => memory + 256)) * 2 ** 20;
	const free = process.availableMemory();
	if (around.running.length === 0 && needed > free) {
		print(`warning: the machines may take ${gib(needed)} of memory, ${gib(free)} are free: --memory, --nodes`);
	}
	const missing = state.machines.map(({ name }) => name).filter((name) => !around.running.includes(name));
	if (missing.length === 0) print(`${around.described.cluster.name} runs already`);
	else if (around.running.length > 0) print(`${around.described.cluster.name} runs already, but for ${missing.join(", ")}`);
	else if (resume) print(`back to ${resume.made}, when this cluster was ready: what its nodes wrote since is lost`);
	else if (around.before) print(`${around.described.cluster.name} goes on from its disks`);
}

/** For machines that are new; all others have theirs. */
async function makeSeeds(around: Surroundings, state: ClusterState, fresh: readonly string[]) {
	const { described, secrets } = around;
	const seeds = new Map<string, SeedFiles>();
	if (fresh.length === 0) return seeds;
	const generation = await seedGeneration(described, secrets);
	const meet = state.machines.filter(({ name }) => described.controllers.includes(name)).map(({ lan }) => lan.address);
	for (const { name, management, lan } of state.machines.filter(({ name: each }) => fresh.includes(each))) {
		const nic = { mac: management.mac, nat: state.net === "nat" };
		const machine = { node: name, meet, slow: state.slow, generation, management: nic, lanMac: lan.mac };
		seeds.set(name, { ...seedFiles(described, secrets, machine) });
	}
	return seeds;
}

/** Machines that run get their new ports at once, the others when they start. */
async function publishNow({ publish }: UpOptions, { before }: Surroundings, state: ClusterState): Promise<void> {
	const running = before ? await runningMachines(before) : new Map<string, StartedMachine>();
	for (const { host, node, guest } of publish) {
		const machine = running.get(node);
		const had = before?.machines.find(({ name }) => name === node)?.publish ?? [];
		const isNew = !had.some((old) => old.host === host && old.guest === guest);
		if (machine && isNew && state.machines.some(({ name }) => name === node)) await publishPort(machine, host, guest);
	}
	for (const { name, api } of state.machines) {
		const had = before?.machines.find((machine) => machine.name === name);
		const machine = running.get(name);
		// Started by a version that did not know of k3s.
		if (machine && api !== undefined && had?.api === undefined) await publishPort(machine, api, API_PORT);
	}
}

async function keep(options: UpOptions, around: Surroundings, state: ClusterState, key: WarmKey) {
	const seconds = await withLock(around.dir, () => keepWarm(around.dir, state, key));
	say(options)(
		`snapshot kept in ${seconds.toFixed(1)} s: after \`clusteros stop\`, \`clusteros up --warm\` comes back to this moment`,
	);
	return seconds;
}

function finish(options: UpOptions, around: Surroundings, result: BroughtUp, reason: string, snapshot?: number): void {
	const { shown, described } = around;
	const { ready, seconds, state, rows } = result;
	if (!ready) process.exitCode = 1;
	if (options.json) {
		const { accel, image, net, network, machines } = state;
		const nodes = rows.map((row) => ({ ...row, ssh: machines.find(({ name }) => name === row.name)?.ssh }));
		const facts = { name: described.cluster.name, ready, seconds, snapshot, started: result.started };
		const document = { version: 1, ...facts, accel, reason, image, net, network, nodes };
		process.stdout.write(`${JSON.stringify(document, null, "\t")}\n`);
		return;
	}
	if (!ready) return;
	const dir = quote(resolve(shown) === resolve(".") ? "." : shown);
	const first = described.controllers[0];
	const { k3s, slurm } = around.image;
	const next = [
		...(slurm ? [`clusteros exec ${dir} ${first} -- srun -N${rows.length} hostname`] : []),
		...(k3s ? [`clusteros kubeconfig ${dir} --merge`] : []),
		`clusteros test ${dir}`,
		`clusteros down ${dir}`,
	];
	process.stderr.write(`${described.cluster.name} is ready in ${seconds.toFixed(1)} s · ${next.join(" · ")}\n`);
}

/** Where a person reads what is done; a program that asked for JSON does not. */
function say({ json }: UpOptions): (line: string) => void {
	return (line) => {
		if (!json) process.stderr.write(`${line}\n`);
	};
}

function sum(numbers: readonly number[]): number {
	return numbers.reduce((total, number) => total + number, 0);
}

function gib(bytes: number): string {
	return `${(bytes / GIB).toFixed(1)} GiB`;
}
