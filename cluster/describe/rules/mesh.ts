import { formatAddress, halfOf, parseNetwork, roomFor } from "../../../core/node/addresses.ts";
import type { Rule } from "./rule.ts";
import { twice } from "./twice.ts";

/** The mesh and the LAN underneath. */
export const meshRules: readonly Rule[] = [
	{
		name: "the mesh network is written by its first address",
		*check({ cluster: { mesh } }) {
			const { base, prefix } = parseNetwork(mesh.network);
			const right = `${formatAddress(base)}/${prefix}`;
			if (mesh.network === right) return;
			yield { at: ["mesh", "network"], message: `${mesh.network} is an address in a network`, fix: `network = "${right}"` };
		},
	},
	{
		name: "the mesh has room for the nodes",
		*check({ cluster: { mesh }, nodes }) {
			const room = roomFor(mesh.network);
			if (nodes.length <= room && room > 0) return;
			const message = `${mesh.network} has room for ${room} known node(s) in its lower half, and ${nodes.length} are described`;
			const bits = Math.ceil(Math.log2(nodes.length + 1)) + 1;
			yield { at: ["mesh", "network"], message, fix: `a network of /${Math.max(8, Math.min(24, 32 - bits))} or larger has room` };
		},
	},
	{
		name: "mesh addresses are of the lower half",
		*check({ cluster, nodes }) {
			for (const { name, at } of nodes) {
				const mesh = cluster.node[at[1] as number]!.mesh;
				const half = mesh === undefined ? "lower" : halfOf(mesh, cluster.mesh.network);
				const where = {
					at: [...at, "mesh"],
					fix: `the lower half of ${cluster.mesh.network}: ${lowerHalf(cluster.mesh.network)}`,
				};
				if (half === "outside") yield { ...where, message: `${mesh} of ${name} is not an address of ${cluster.mesh.network}` };
				if (half === "upper") yield { ...where, message: `${mesh} of ${name} is in the half that is kept for unknown machines` };
			}
		},
	},
	{
		name: "mesh addresses are unique",
		// Those that are given out here never clash.
		check: ({ cluster, nodes }, place) =>
			twice(
				nodes.map(({ name, at }) => ({ value: cluster.node[at[1] as number]!.mesh, at: [...at, "mesh"], owner: name })),
				place,
				(mesh) => `mesh address ${mesh}`,
				"leave mesh out of one of them: it gets a free one",
			),
	},
	{
		name: "LAN addresses are unique",
		check: ({ nodes }, place) =>
			twice(
				nodes.map(({ name, lan, at }) => ({ value: addressIn(lan), at: [...at, "lan"], owner: name })),
				place,
				(address) => `LAN address ${address}`,
				"every machine has its own",
			),
	},
	{
		name: "a LAN address needs a MAC: it says which interface gets it",
		*check({ nodes }) {
			for (const { name, at } of nodes.filter(({ lan, mac }) => lan !== "dhcp" && mac === undefined)) {
				const message = `${name} has a fixed LAN address and no mac: nothing says which of its interfaces gets it`;
				yield { at: [...at, "lan"], message, fix: 'add mac = "…" (ip link shows it), or leave lan to DHCP' };
			}
		},
	},
	{
		name: "the mesh and the LAN do not overlap",
		*check({ cluster: { mesh }, nodes }) {
			for (const { name, lan, at } of nodes.filter((node) => node.lan !== "dhcp")) {
				if (!overlap(lan, mesh.network)) continue;
				const message = `the LAN of ${name} (${lan}) overlaps the mesh network ${mesh.network}`;
				yield { at: [...at, "lan"], message, fix: "give [mesh] a network that is used nowhere else" };
			}
		},
	},
];

function addressIn(lan: string): string | undefined {
	return lan === "dhcp" ? undefined : lan.split("/")[0];
}

function overlap(a: string, b: string): boolean {
	const [left, right] = [parseNetwork(a), parseNetwork(b)];
	return left.base < right.base + right.size && right.base < left.base + left.size;
}

function lowerHalf(network: string): string {
	const { base, size } = parseNetwork(network);
	return `${formatAddress(base + 1)} to ${formatAddress(base + Math.max(1, size / 2 - 1))}`;
}
