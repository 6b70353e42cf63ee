import { createHash } from "node:crypto";
import { join } from "node:path";
import type { ClusterState, MachineState } from "../../core/contract/cluster-state.ts";
import { UserError } from "../../core/errors.ts";
import { patience } from "../emulation.ts";
import type { Accel } from "../machine.ts";
import { formatIpv4, parseNetwork } from "../switch/addresses.ts";

/** A machine that is wanted. */
export interface NodeInput {
	readonly name: string;
	readonly cpus: number;
	readonly memoryMiB: number;
	/** Of the LAN interface, where the description gives one. */
	readonly lanMac?: string | undefined;
	readonly serial?: string | undefined;
	/** Of ssh on 127.0.0.1, where the description gives one. */
	readonly sshPort?: number | undefined;
}

/** A port on 127.0.0.1 that leads to a port of a node. */
export interface Publish {
	readonly host: number;
	readonly node: string;
	readonly guest: number;
}

/** Ports that are free, one entry a node. */
export interface NodePorts {
	readonly ssh: number;
	readonly lan: number;
	readonly peer: number;
	/** For k3s' API, on the node through which it is reached. */
	readonly api?: number | undefined;
}

export interface ClusterInput {
	readonly id: string;
	/** State folder, absolute. */
	readonly dir: string;
	/** Folder with a short path for sockets, absolute. */
	readonly sockets: string;
	readonly nodes: readonly NodeInput[];
	/** Absolute. */
	readonly image: string;
	readonly stamp: string;
	readonly kernel?: ClusterState["kernel"];
	readonly accel: Accel;
	readonly net: "isolated" | "nat";
	readonly publish: readonly Publish[];
	readonly ports: readonly NodePorts[];
	/** What is there already: its machines keep all they have. */
	readonly before?: ClusterState | undefined;
}

export const LAN = "192.168.77.0/24";
/** Leased addresses start here; unknown machines get theirs from the upper half of the network. */
const FIRST_HOST = 11;
const LAST_HOST = 127;

/**
 * The whole cluster as data: what its state file will say. Pure; the same description gives the same MACs and addresses.
 * Machines that are there keep their addresses; new ones get the next free.
 * @throws UserError for more nodes than the LAN has addresses, and for a port published for a node that is not there.
 */
export function planCluster(input: ClusterInput): ClusterState {
	mustFit(input);
	const known = new Map(input.before?.machines.map((machine) => [machine.name, machine]));
	const wanted = new Set(input.nodes.map(({ name }) => name));
	const taken = new Set([...known.values()].filter(({ name }) => wanted.has(name)).map(({ lan }) => lan.address));
	const addresses = hostAddresses().filter((address) => !taken.has(address));
	const machines = input.nodes.map((node, index) => {
		const before = known.get(node.name);
		const address = before?.lan.address ?? addresses.shift()!;
		return machineOf(input, node, input.ports[index]!, address, before);
	});
	const { id, image, stamp, kernel, accel, net } = input;
	return {
		version: 1,
		id,
		image,
		stamp,
		...(kernel === undefined ? {} : { kernel }),
		accel,
		slow: patience(1, accel) / 1000,
		net,
		network: LAN,
		switch: { control: input.before?.switch.control ?? join(input.sockets, "switch.sock") },
		machines,
	};
}

function machineOf(
	{ id, dir, publish }: ClusterInput,
	node: NodeInput,
	ports: NodePorts,
	address: string,
	before: MachineState | undefined,
): MachineState {
	const { name, cpus, memoryMiB, serial } = node;
	const asked = publish.filter((each) => each.node === name).map(({ host, guest }) => ({ host, guest }));
	const published = [...(before?.publish ?? []).filter((old) => !asked.some(({ host }) => host === old.host)), ...asked];
	const api = before?.api ?? ports.api;
	return {
		name,
		dir: join(dir, name),
		ssh: before?.ssh ?? node.sshPort ?? ports.ssh,
		...(api === undefined ? {} : { api }),
		cpus,
		memory: memoryMiB,
		...(serial === undefined ? {} : { serial }),
		...(published.length === 0 ? {} : { publish: published }),
		management: { mac: macOf(id, name, "management") },
		lan: {
			mac: node.lanMac ?? macOf(id, name, "lan"),
			address,
			port: before?.lan.port ?? ports.lan,
			peer: before?.lan.peer ?? ports.peer,
		},
	};
}

/** A machine's MAC: QEMU's prefix, and the rest from the cluster's id, so that two clusters on one host differ. */
export function macOf(clusterId: string, node: string, nic: "management" | "lan"): string {
	const digest = createHash("sha256").update(`${clusterId}/${node}/${nic}`).digest("hex");
	return `52:54:00:${digest.slice(0, 6).match(/../g)!.join(":")}`;
}

function hostAddresses(): string[] {
	const { first } = parseNetwork(LAN);
	return Array.from({ length: LAST_HOST - FIRST_HOST + 1 }, (_, i) => formatIpv4(first + FIRST_HOST + i));
}

function mustFit({ nodes, publish }: ClusterInput): void {
	const most = LAST_HOST - FIRST_HOST + 1;
	if (nodes.length > most) {
		const message = `a test cluster has at most ${most} nodes, this one ${nodes.length}`;
		throw new UserError("invalid", { message, fix: "start some of them with --nodes" });
	}
	const names = nodes.map(({ name }) => name);
	const astray = publish.filter(({ node }) => !names.includes(node));
	if (astray.length === 0) return;
	throw new UserError(
		"usage",
		astray.map(({ host, node, guest }) => ({
			message: `--publish ${host}:${node}:${guest}: there is no node ${node}`,
			fix: `nodes: ${names.join(", ")}`,
		})),
	);
}
