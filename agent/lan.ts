import { existsSync } from "node:fs";
import { parseAddress, parseNetwork } from "../core/node/addresses.ts";
import { readText } from "./files.ts";
import { NETWORK_CLASS } from "./paths.ts";
import type { World } from "./world.ts";

/** An interface that is up, with one of its IPv4 addresses. */
export interface Link {
	readonly name: string;
	readonly mac: string;
	readonly address: string;
	/** ADDRESS/PREFIX. */
	readonly cidr: string;
	/** A cable is in and the other end is alive. */
	readonly carrier: boolean;
	/** Has a device behind it: no bridge, tunnel or container's end. */
	readonly physical: boolean;
}

/** What the seed says that helps to find the LAN. */
export interface LanHints {
	/** Of the node's entry. */
	readonly mac?: string | undefined;
	/** ADDRESS or ADDRESS:PORT of nodes on the LAN. */
	readonly meet: readonly string[];
}

/** QEMU's user network: always the management of a test cluster, which reaches no other node. */
const QEMU_USER_NETWORK = "10.0.2.0/24";
/** A name that a seed's network configuration gives to a management interface. */
const MANAGEMENT_NAME = /^(mgmt|mgt|management|bmc)/;
const LINK_LOCAL = "169.254.0.0/16";

/**
 * The interface by which other nodes are reached: the one with the entry's MAC and no other, where the entry has one. Else a
 * physical one with carrier that is not the management (by name, or on QEMU's user network), best first: in the network of
 * an address to meet, then with an address that is more than link-local, then by name. undefined: none (yet).
 */
export function chooseLan(links: readonly Link[], { mac, meet }: LanHints): Link | undefined {
	const alive = links.filter(({ carrier }) => carrier);
	const own = alive.filter((link) => (mac === undefined ? isCandidate(link) : link.mac.toLowerCase() === mac));
	const meeting = meet.map((address) => address.split(":")[0]!);
	const rank = ({ cidr, address }: Link) => {
		if (meeting.some((one) => isInside(one, cidr))) return 0;
		return isInside(address, LINK_LOCAL) ? 2 : 1;
	};
	return own.toSorted((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1))[0];
}

function isCandidate({ name, address, physical }: Link): boolean {
	return physical && !MANAGEMENT_NAME.test(name) && !isInside(address, QEMU_USER_NETWORK);
}

function isInside(address: string, network: string): boolean {
	const { base, size } = parseNetwork(network);
	const at = parseAddress(address) ?? -1;
	return at >= base && at < base + size;
}

/** The node's interfaces as they are now. */
export function readLinks(world: World): Link[] {
	return Object.entries(world.interfaces()).flatMap(([name, addresses = []]) => {
		const dir = `${NETWORK_CLASS}/${name}`;
		const carrier = readText(world, `${dir}/carrier`)?.trim() === "1";
		const physical = existsSync(`${world.root}${dir}/device`);
		const usable = addresses.filter(({ family, internal, cidr }) => family === "IPv4" && !internal && cidr !== null);
		return usable.map(({ mac, address, cidr }) => ({ name, mac, address, cidr: cidr!, carrier, physical }));
	});
}
