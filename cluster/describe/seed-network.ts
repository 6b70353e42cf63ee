import type { DescribedNode } from "./types.ts";

/** What a test cluster's machine has, whatever cluster.toml says of the LAN: there the switch gives out addresses. */
export interface SeedNics {
	/** The way to ssh, apart from the cluster's LAN. With `nat` it is the way out, too. */
	readonly management: { readonly mac: string; readonly nat: boolean };
	/** MAC of the LAN interface: the agent tells it from the other one by this. */
	readonly lanMac?: string | undefined;
}

/** Network configuration, version 2. */
export interface NetworkConfig {
	readonly version: 2;
	readonly ethernets: Readonly<Record<string, object>>;
	readonly [key: string]: unknown;
}

/**
 * The network configuration of a seed; undefined when there is nothing to say. An interface on DHCP is left to the image's
 * own 90-clusteros-dhcp.network, which takes the MAC for the lease's identity: cloud-init (25.1) has no word for that.
 */
export function networkFor(nodes: readonly DescribedNode[], nics?: SeedNics): NetworkConfig | undefined {
	if (nics) return { version: 2, ethernets: { management: managementNic(nics.management) } };
	const fixed = nodes.flatMap(({ name, lan, mac }): [string, object][] => {
		return lan === "dhcp" || mac === undefined ? [] : [[`lan-${name}`, { match: { macaddress: mac }, addresses: [lan] }]];
	});
	return fixed.length === 0 ? undefined : { version: 2, ethernets: Object.fromEntries(fixed) };
}

/** `optional`: a node is online without it. Unless it is the way out, nothing is learned from it but an address. */
function managementNic({ mac, nat }: SeedNics["management"]): object {
	const overrides = { "use-routes": nat, "use-dns": nat, "use-ntp": false, "use-hostname": false };
	return { match: { macaddress: mac }, dhcp4: true, "dhcp4-overrides": overrides, optional: true };
}
