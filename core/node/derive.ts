import { hkdfSync } from "node:crypto";
import { PURPOSES, type Purpose } from "../contract/purposes.ts";

/**
 * A key for one purpose: HKDF-SHA256 (RFC 5869) of the cluster's master secret, salted with the cluster's id (its text),
 * so that nodes get keys and never the master. Its length in bytes is the purpose's.
 */
export function deriveKey(master: Uint8Array, clusterId: string, purpose: Purpose, generation: number): Buffer {
	const info = `clusteros/v1/${purpose}/${generation}`;
	return Buffer.from(hkdfSync("sha256", master, clusterId, info, PURPOSES[purpose]));
}
