import * as z from "zod";
import { formatVersion } from "./version.ts";

/** `DIR/cluster.toml`: a cluster as its admin describes it. Nothing in it is secret. */

const name = z.string().regex(/^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/, "lower-case letters, digits and dashes, at most 32");
const hostlist = z
	.string()
	.regex(/^[a-z][a-z0-9-]*(\[[0-9,-]+\])?(,[a-z][a-z0-9-]*(\[[0-9,-]+\])?)*$/, "a name or hostlist such as n[01-40]");
const mac = z.string().regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/, "a MAC address such as 52:54:00:12:34:56");
const percent = z.string().regex(/^\d+(\.\d+)?%$/, 'a part of the node such as "50%"');
const amount = z.string().regex(/^\d+(\.\d+)?(%|MiB|GiB)$/, 'a part of the node such as "50%", or an amount such as "600MiB"');
const port = z.number().int().min(1).max(65535);

/** How a node is reached from the admin's machine: data, so that the same words work on a test cluster and on metal. */
export const reach = z.discriminatedUnion("via", [
	z.strictObject({ via: z.literal("qemu"), port: port.optional() }),
	z.strictObject({
		via: z.literal("ssh"),
		host: z.string().min(1),
		port: port.default(22),
		user: z.string().default("clusteros"),
	}),
]);

export const role = z.enum(["controller", "worker"]);

export const clusterFile = z.strictObject({
	version: formatVersion,
	name: name.describe("Name of the cluster."),
	id: z.uuid().describe("Identity of the cluster: salt of every derived key."),
	image: z.string().optional().describe("Image that the nodes run; remembered by `up`."),
	join: z.enum(["open", "approve"]).default("open").describe("Whether an unknown machine with a valid seed joins by itself."),
	mesh: z.strictObject({
		network: z.cidrv4().describe("WireGuard's network; known nodes in the lower half, others in the upper."),
		port: port.default(51820).describe("WireGuard's UDP port on every node's LAN address."),
	}),
	ntp: z.array(z.string().min(1)).default([]).describe("Time servers of the controllers; workers follow the controllers."),
	slow: z
		.number()
		.min(1)
		.max(100)
		.default(1)
		.describe("How many times longer than on metal things may take: for emulated machines that `up` does not know of."),
	node: z
		.array(
			z.strictObject({
				name: hostlist,
				roles: z.array(role).min(1),
				mac: mac.optional().describe("MAC of the LAN interface; finds the node's entry."),
				serial: z.string().optional().describe("The machine's serial number; finds the node's entry."),
				lan: z.union([z.literal("dhcp"), z.cidrv4()]).default("dhcp"),
				mesh: z.ipv4().optional(),
				labels: z.record(z.string(), z.string()).optional().describe("k3s' labels of these nodes, given whenever k3s starts."),
				reach: reach.optional(),
			}),
		)
		.min(1),
	user: z
		.array(
			z.strictObject({
				name,
				uid: z.number().int().min(1000).max(60000),
				keys: z.array(z.string()).default([]),
				sudo: z.boolean().default(false),
			}),
		)
		.default([]),
	slurm: z
		.strictObject({
			partition: z
				.array(
					z.strictObject({
						name,
						nodes: z.string().default("all"),
						default: z.boolean().default(false),
						max_time: z.string().optional(),
					}),
				)
				.default([]),
			accounting: z.boolean().default(false).describe("slurmdbd and MariaDB on the controller; the image needs both."),
			extra: z.string().default("").describe("The site's own slurm.conf lines, after ours."),
			cgroup: z.strictObject({ extra: z.string().default("") }).prefault({}),
			gres: z.strictObject({ extra: z.string().default("") }).prefault({}),
		})
		.prefault({}),
	cloud_init: z
		.strictObject({ user_data: z.string().default("").describe("The site's own cloud-config, merged after ours.") })
		.prefault({}),
	k3s: z
		.strictObject({
			config: z.string().default("").describe("The site's own settings, verbatim, after ours: config.yaml.d/site.yaml."),
			registries: z.string().default("").describe("registries.yaml, verbatim; readable on every node."),
			manifests: z.array(z.string()).default([]).describe("Files beside cluster.toml that k3s' servers apply."),
			memory: amount
				.default("50%")
				.describe('What k3s and its pods have of a node that runs SLURM as well: "50%", "600MiB"; SLURM has the rest.'),
			cpus: z.union([z.number().positive(), percent]).default("50%").describe('The same of its processors: "50%", 1, 0.5.'),
		})
		.prefault({}),
});

export type ClusterFile = z.output<typeof clusterFile>;
