import { createHash } from "node:crypto";

/** IPv4 arithmetic of the mesh: known nodes live in the lower half of its network, others in the upper. Pure. */

/** A network as numbers. */
export interface Network {
	/** Its first address. */
	readonly base: number;
	/** Addresses in it. */
	readonly size: number;
	/** Length of the prefix in bits. */
	readonly prefix: number;
}

/** `10.90.0.0/16` as numbers; host bits are cut off. @throws RangeError for anything else. */
export function parseNetwork(text: string): Network {
	const [, address, bits] = /^([0-9.]+)\/([0-9]{1,2})$/.exec(text) ?? [];
	const at = address === undefined ? undefined : parseAddress(address);
	const prefix = Number(bits);
	if (at === undefined || !(prefix <= 32)) throw new RangeError(`not an IPv4 network: ${text}`);
	const size = 2 ** (32 - prefix);
	return { base: at - (at % size), size, prefix };
}

/** `10.90.0.1` as a number; undefined when it is no IPv4 address (or has leading zeros, which some read as octal). */
export function parseAddress(text: string): number | undefined {
	const parts = text.split(".");
	if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256)) return undefined;
	return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function formatAddress(address: number): string {
	return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** Where an address lies in a mesh network; the network's own and its broadcast address are nobody's. */
export function halfOf(address: string, network: string): "lower" | "upper" | "outside" {
	const { base, size } = parseNetwork(network);
	const offset = (parseAddress(address) ?? -1) - base;
	if (offset < 1 || offset > size - 2) return "outside";
	return offset < size / 2 ? "lower" : "upper";
}

/** How many known nodes a mesh network has room for. */
export function roomFor(network: string): number {
	return Math.max(0, parseNetwork(network).size / 2 - 1);
}

/**
 * The mesh address of every node by its name: its own where one is given, else the next free one of the lower half, in order.
 * Nodes for which there is no room are left out.
 */
export function meshAddresses(
	nodes: readonly { readonly name: string; readonly mesh?: string | undefined }[],
	network: string,
): Map<string, string> {
	const { base, size } = parseNetwork(network);
	const taken = new Set(nodes.flatMap(({ mesh }) => (mesh === undefined ? [] : [mesh])));
	const addresses = new Map<string, string>();
	let next = 1;
	for (const { name, mesh } of nodes) {
		while (mesh === undefined && taken.has(formatAddress(base + next))) next++;
		if (mesh !== undefined) addresses.set(name, mesh);
		else if (next < size / 2) addresses.set(name, formatAddress(base + next++));
	}
	return addresses;
}

/**
 * The mesh address of a machine that the cluster's description does not know, from its id: in the upper half.
 * `attempt` gives another one, for the node that lost a clash (the lower id keeps the address).
 */
export function meshAddressOf(id: string, network: string, attempt = 0): string {
	const { base, size } = parseNetwork(network);
	const room = size / 2 - 1;
	if (room < 1) throw new RangeError(`no room for an unknown machine in ${network}`);
	const digest = createHash("sha256").update(`mesh/${id}/${attempt}`).digest();
	return formatAddress(base + size / 2 + (digest.readUInt32BE(0) % room));
}
