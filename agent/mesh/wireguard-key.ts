import { createPrivateKey, createPublicKey } from "node:crypto";
import { keepFile, readText } from "../files.ts";
import { WIREGUARD_KEY } from "../paths.ts";
import type { World } from "../world.ts";

/** PKCS #8 and SubjectPublicKeyInfo of an X25519 key, up to their 32 raw bytes (RFC 8410). */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b656e04220420", "hex");
const RAW_BYTES = 32;

export interface WireguardKey {
	/** Base64, as `wg` reads it. */
	readonly secret: string;
	readonly public: string;
}

/** The node's WireGuard key, made at the first start (0600). @throws when the file holds something else. */
export function loadWireguardKey(world: World): WireguardKey {
	const there = readText(world, WIREGUARD_KEY)?.trim();
	if (there) return keyPair(there);
	const made = Buffer.from(clamped(world.random(RAW_BYTES))).toString("base64");
	keepFile(world, { path: WIREGUARD_KEY, content: `${made}\n`, mode: 0o600 });
	return keyPair(made);
}

/** As `wg genkey` does (RFC 7748, section 5). */
function clamped(bytes: Uint8Array): Uint8Array {
	const key = Uint8Array.from(bytes);
	key[0]! &= 248;
	key[31] = (key[31]! & 127) | 64;
	return key;
}

function keyPair(secret: string): WireguardKey {
	const raw = Buffer.from(secret, "base64");
	if (raw.length !== RAW_BYTES) {
		throw new Error(`${WIREGUARD_KEY} holds no WireGuard key; remove it: the node makes another and announces it`);
	}
	const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, raw]), format: "der", type: "pkcs8" });
	const spki = createPublicKey(key).export({ format: "der", type: "spki" });
	return { secret, public: spki.subarray(-RAW_BYTES).toString("base64") };
}
