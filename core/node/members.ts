import type { Announcement, SeedCluster, SeedNode } from "../contract/seed.ts";
import { halfOf, meshAddressOf } from "./addresses.ts";
import type { Member, NodeFacts, NodeView } from "./types.ts";

/** Who belongs to a cluster, and by which name and mesh address. Pure. */

/** What a machine knows of itself before it knows who it is. */
export interface Machine {
	/** MAC addresses of its interfaces, in any case. */
	readonly macs: readonly string[];
	/** SMBIOS serial number. */
	readonly serial?: string | undefined;
	readonly hostname: string;
}

/** The entry that is this machine's: the seed's `self`, else by MAC, by serial number, by host name; undefined for an unknown one. */
export function findEntry(cluster: Pick<SeedCluster, "self" | "nodes">, machine: Machine): SeedNode | undefined {
	const { self, nodes } = cluster;
	if (self !== undefined) return nodes.find((node) => node.name === self);
	const macs = machine.macs.map((mac) => mac.toLowerCase());
	return (
		nodes.find(({ mac }) => mac !== undefined && macs.includes(mac)) ??
		nodes.find(({ serial }) => serial !== undefined && serial === machine.serial?.trim()) ??
		// An entry that names its machine by MAC or serial is that machine's alone.
		nodes.find(({ name, mac, serial }) => name === machine.hostname && mac === undefined && serial === undefined)
	);
}

/** This node as a member: its entry, or for an unknown machine a worker named and addressed by its id. */
export function selfMember(entry: SeedNode | undefined, id: string, network: string, attempt = 0): Member {
	if (entry) return { name: entry.name, mesh: entry.mesh, roles: entry.roles };
	return { name: `node-${id.slice(0, 6)}`, mesh: meshAddressOf(id, network, attempt), roles: ["worker"] };
}

/**
 * Why an announced mesh address is not the node's to have, or undefined. Nodes of the description have theirs, and nobody else
 * may. One that this description does not name may be of a newer one: a node that was added to a cluster that runs.
 */
export function addressRefusal(
	{ name, mesh }: Pick<Announcement, "name" | "mesh">,
	{ nodes, mesh: { network } }: Pick<SeedCluster, "nodes" | "mesh">,
): string | undefined {
	const entry = nodes.find((node) => node.name === name);
	if (entry && entry.mesh !== mesh) return `announces ${mesh}, but ${name} has ${entry.mesh}`;
	const owner = nodes.find((node) => node.mesh === mesh);
	if (!entry && owner) return `announces ${mesh}, which is ${owner.name}'s`;
	if (halfOf(mesh, network) === "outside") return `announces ${mesh}, which is not in ${network}`;
	return undefined;
}

/** Of several that announce one mesh address the one with the lowest id keeps it. Returns those who keep theirs and those who do not. */
export function settleClashes<T extends { readonly id: string; readonly mesh: string }>(
	claims: readonly T[],
): { readonly kept: T[]; readonly lost: T[] } {
	const winner = new Map<string, string>();
	for (const { id, mesh } of claims) {
		const best = winner.get(mesh);
		if (best === undefined || id < best) winner.set(mesh, id);
	}
	const keeps = ({ id, mesh }: T) => winner.get(mesh) === id;
	return { kept: claims.filter(keeps), lost: claims.filter((claim) => !keeps(claim)) };
}

/** All that the files of a node depend on, members sorted by name. */
export function viewOf(cluster: SeedCluster, self: Member, peers: readonly Member[], facts?: NodeFacts): NodeView {
	const members = [self, ...peers].map(({ name, mesh, roles }) => ({ name, mesh, roles }));
	return { cluster, self: members[0]!, members: members.sort((a, b) => (a.name < b.name ? -1 : 1)), facts };
}
