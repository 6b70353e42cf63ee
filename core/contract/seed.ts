import * as z from "zod";
import { role } from "./cluster.ts";
import { formatVersion } from "./version.ts";

/** A node of the cluster as every other node may know it. */
const seedNode = z.strictObject({
	name: z.string(),
	roles: z.array(role).min(1),
	mac: z.string().optional().describe("Of the LAN interface, lower case: finds the node's entry."),
	serial: z.string().optional().describe("SMBIOS serial number: finds the node's entry."),
	mesh: z.ipv4(),
	labels: z.record(z.string(), z.string()).optional().describe("k3s' labels."),
});

/** `/etc/clusteros/cluster.json` (0644) in a seed: what every node may know of its cluster. Hostlists are expanded here. */
export const seedCluster = z.strictObject({
	version: formatVersion,
	id: z.uuid(),
	name: z.string(),
	generation: z.number().int().min(1).describe("Part of the instance-id: a new seed is applied again."),
	self: z.string().optional().describe("Name of the node that this seed is for; absent in a seed for many."),
	join: z.enum(["open", "approve"]),
	mesh: z.strictObject({ network: z.cidrv4(), port: z.number().int() }),
	meet: z.array(z.string()).describe("LAN addresses (ADDRESS or ADDRESS:PORT) to ask for the others, besides mDNS."),
	ntp: z.array(z.string()),
	nodes: z.array(seedNode),
	controllers: z
		.array(z.strictObject({ name: z.string(), key: z.string().describe("Ed25519 public key, raw, base64.") }))
		.min(1)
		.describe("Roles are believed from these keys only. The first runs slurmctld."),
	slurm: z.strictObject({
		partitions: z.array(
			z.strictObject({
				name: z.string(),
				nodes: z.union([z.literal("all"), z.array(z.string())]),
				default: z.boolean(),
				max_time: z.string().optional(),
			}),
		),
		accounting: z.boolean(),
		extra: z.string(),
		cgroup: z.string(),
		gres: z.string(),
	}),
	k3s: z
		.strictObject({
			config: z.string().describe("The site's own lines, YAML."),
			registries: z.string(),
			memory: z.string().describe("What k3s has of a node that runs SLURM as well."),
			cpus: z.union([z.number(), z.string()]),
		})
		.optional()
		.describe("Absent in seeds of a cluster without k3s' secrets: k3s stays off, whatever the image has."),
	slow: z
		.number()
		.min(1)
		.describe("How many times longer than on metal things may take: limits grow with it, on emulated nodes."),
});

/** `/etc/clusteros/secrets.json` (0600) in a seed: derived keys for the roles of its node, by generation. */
export const seedSecrets = z.strictObject({
	version: formatVersion,
	cluster: z.uuid(),
	keys: z.array(
		z.strictObject({
			purpose: z.enum(["serf", "munge", "announce", "dbd"]),
			generation: z.number().int().min(1),
			key: z.base64(),
		}),
	),
	identity: z
		.string()
		.optional()
		.describe("The controller's own identity (PKCS #8, base64), for the node of that key alone; absent in a worker's seed."),
	k3s: z
		.strictObject({
			server: z.boolean().describe("Whether this seed has what a server needs; a worker's has neither of the last four."),
			token: z.string().describe("K10<SHA-256 of the authority>::server:… or ::node:…, by which a node knows its server."),
			agent_token: z.string().optional().describe("What agents show to a server."),
			ca_cert: z.string().optional().describe("PEM."),
			ca_key: z.string().optional().describe("PEM."),
			manifests: z.array(z.strictObject({ name: z.string(), content: z.string() })).optional(),
		})
		.optional(),
});

/** What a node says of itself through Serf: canonical JSON, signed by the node and authenticated by the announce key. */
export const announcement = z.strictObject({
	v: z.literal(1),
	name: z.string(),
	id: z
		.string()
		.regex(/^[0-9a-f]{16}$/)
		.describe("First 16 hex digits of the SHA-256 of the node's raw public key."),
	wg: z.base64().describe("WireGuard public key."),
	endpoint: z.string().describe("ADDRESS:PORT on the LAN."),
	mesh: z.ipv4(),
	roles: z.array(role),
	seq: z.number().int().nonnegative().describe("Lower or equal numbers are ignored."),
});

export type SeedNode = z.output<typeof seedNode>;
export type SeedCluster = z.output<typeof seedCluster>;
export type SeedSecrets = z.output<typeof seedSecrets>;
export type Announcement = z.output<typeof announcement>;
export type Role = z.output<typeof role>;
