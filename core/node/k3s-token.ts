import { createHash } from "node:crypto";

/**
 * k3s' token in its long form, by which a joining node knows its server before it sends the secret: the hash is of the
 * authority's file, byte for byte as the server has it (k3s v1.36, pkg/clientaccess/token.go, for a file of one certificate).
 */
export function longToken(user: "server" | "node", secret: string, caCert: string): string {
	const hash = createHash("sha256").update(caCert).digest("hex");
	return `K10${hash}::${user}:${secret}`;
}
