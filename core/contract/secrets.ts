import * as z from "zod";
import { formatVersion } from "./version.ts";

const bytes32 = z.base64().refine((text) => Buffer.from(text, "base64").length === 32, "32 bytes in base64");
const generation = z.number().int().min(1);

/** `DIR/secrets.toml` (0600): stays with the admin. Everything a node gets is derived or copied from it at seed time. */
export const secretsFile = z.strictObject({
	version: formatVersion,
	master: bytes32.describe("Root of the derived keys; never in a seed."),
	generation: z.strictObject({ serf: generation, munge: generation, announce: generation, dbd: generation }),
	admin_ssh_key: z.string().describe("The cluster's own ssh key, OpenSSH format."),
	k3s: z
		.strictObject({ server_token: z.string().min(32), agent_token: z.string().min(32), ca_key: z.string(), ca_cert: z.string() })
		.optional()
		.describe("Random, not derived: the server token also encrypts k3s' datastore. The authority (PEM) signs its servers."),
	controller: z
		.array(z.strictObject({ name: z.string(), identity: z.string().describe("Ed25519 private key, PKCS #8 in base64.") }))
		.default([]),
});

export type SecretsFile = z.output<typeof secretsFile>;
