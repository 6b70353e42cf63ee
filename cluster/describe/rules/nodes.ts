import { isNodeName } from "../../../core/node/announcement.ts";
import type { Complaint, Rule } from "./rule.ts";
import { twice } from "./twice.ts";

/** Names, roles and what finds a node's entry. */
export const nodeRules: readonly Rule[] = [
	{
		name: "node names are unique",
		check: ({ nodes }, place) =>
			twice(
				nodes.map(({ name, at }) => ({ value: name, at: [...at, "name"] })),
				place,
				(name) => `a node called "${name}"`,
				"give one of them another name",
			),
	},
	{
		name: "node names fit host names",
		*check({ nodes }) {
			for (const { name, at } of nodes.filter((node) => !isNodeName(node.name))) {
				const fix = "lower-case letters, digits and dashes, the last one no dash, at most 32 characters";
				yield { at: [...at, "name"], message: `"${name}" cannot be a node's name`, fix };
			}
		},
	},
	{
		name: "names made for unknown machines stay free",
		*check({ nodes }) {
			for (const { name, at } of nodes.filter((node) => /^node-[0-9a-f]{6}$/.test(node.name))) {
				const message = `"${name}" is kept for unknown machines, which are called node-<first digits of their id>`;
				yield { at: [...at, "name"], message, fix: "give the node another name" };
			}
		},
	},
	{
		name: "there is a controller",
		*check({ controllers }) {
			if (controllers.length > 0) return;
			yield { at: ["node"], message: "no node is a controller", fix: 'give one node roles = ["controller", "worker"]' };
		},
	},
	{
		name: "MAC addresses are unique",
		check: ({ nodes }, place) =>
			twice(
				nodes.map(({ name, mac, at }) => ({ value: mac, at: [...at, "mac"], owner: name })),
				place,
				(mac) => `mac ${mac}`,
				"every interface has its own",
			),
	},
	{
		name: "serial numbers are unique",
		check: ({ nodes }, place) =>
			twice(
				nodes.map(({ name, serial, at }) => ({ value: serial, at: [...at, "serial"], owner: name })),
				place,
				(serial) => `serial "${serial}"`,
				"every machine has its own; where the maker gave them all the same, match by mac",
			),
	},
	{
		name: "serial numbers say something",
		*check({ nodes }) {
			for (const { serial, at } of nodes) {
				if (serial !== undefined && serial.trim() !== serial) yield blank(at, "has spaces around it");
				if (serial === "") yield blank(at, "is empty");
			}
		},
	},
	{
		name: "what belongs to one machine is not in a hostlist",
		*check({ cluster, nodes }) {
			for (const [index, entry] of cluster.node.entries()) {
				const count = nodes.filter(({ at }) => at[1] === index).length;
				if (count < 2) continue;
				const one = { mac: entry.mac, serial: entry.serial, mesh: entry.mesh, lan: entry.lan === "dhcp" ? undefined : entry.lan };
				for (const [key, value] of Object.entries(one)) if (value !== undefined) yield many(index, key, entry.name, count);
				if (entry.reach?.via === "ssh") yield many(index, "reach", entry.name, count);
				if (entry.reach?.via === "qemu" && entry.reach.port !== undefined) yield many(index, "reach", entry.name, count);
			}
		},
	},
];

function many(index: number, key: string, name: string, count: number): Complaint {
	const message = `${key} belongs to one machine, but "${name}" is ${count}`;
	return { at: ["node", index, key], message, fix: "give each of them a [[node]] of its own" };
}

function blank(at: Complaint["at"], what: string): Complaint {
	return { at: [...at, "serial"], message: `serial ${what}`, fix: "as in: cat /sys/class/dmi/id/product_serial" };
}
