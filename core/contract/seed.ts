import * as z from "zod";
import { reach, role } from "./cluster.ts";
import { formatVersion } from "./version.ts";

/** `/etc/clusteros/cluster.json` (0644) in a seed: what every node may know of its cluster. */
export const seedCluster = z.strictObject({
	version: formatVersion,
	id: z.uuid(),
	name: z.string(),
	generation: z.number().int().min(1).describe("Part of the instance-id: a new seed is applied again."),
	join: z.enum(["open", "approve"]),
	mesh: z.strictObject({ network: z.cidrv4() }),
	nodes: z.array(
		z.strictObject({
			name: z.string(),
			roles: z.array(role).min(1),
			mac: z.string().optional(),
			serial: z.string().optional(),
			mesh: z.ipv4(),
			reach: reach.optional(),
		}),
	),
	controllers: z
		.array(z.strictObject({ name: z.string(), key: z.string().describe("Ed25519 public key, raw, base64.") }))
		.min(1)
		.describe("Roles are believed from these keys only."),
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
	identity: z.string().optional().describe("A controller's own identity; absent in a worker's seed."),
	k3s: z.strictObject({ token: z.string(), server: z.boolean() }).optional(),
});

/** What a node says of itself through Serf: canonical JSON, signed by the node and authenticated by the announce key. */
export const announcement = z.strictObject({
	v: z.literal(1),
	name: z.string(),
	id: z.string().regex(/^[0-9a-f]{16}$/),
	wg: z.base64().describe("WireGuard public key."),
	endpoint: z.string().describe("ADDRESS:PORT on the LAN."),
	mesh: z.ipv4(),
	roles: z.array(role),
	seq: z.number().int().nonnegative().describe("Lower or equal numbers are ignored."),
});
