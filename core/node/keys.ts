import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";

/** SubjectPublicKeyInfo of an Ed25519 key, up to its 32 raw bytes (RFC 8410). */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/** The 32 raw bytes of an Ed25519 key's public half; `key` may be either half. */
export function rawPublicKey(key: KeyObject): Buffer {
	const half = key.type === "private" ? createPublicKey(key) : key;
	return half.export({ format: "der", type: "spki" }).subarray(SPKI_PREFIX.length);
}

/** An Ed25519 public key from its 32 raw bytes. */
export function publicKeyOf(raw: Uint8Array): KeyObject {
	return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: "der", type: "spki" });
}

/** A private key as `secrets.toml` and a controller's seed have it. @throws when it is no Ed25519 key in PKCS #8, base64. */
export function identityKeyOf(pkcs8: string): KeyObject {
	const key = createPrivateKey({ key: Buffer.from(pkcs8, "base64"), format: "der", type: "pkcs8" });
	if (key.asymmetricKeyType !== "ed25519") throw new Error("not an Ed25519 key");
	return key;
}

/** A node's id: the first 16 hex digits of the SHA-256 of its raw public key. */
export function nodeIdOf(raw: Uint8Array): string {
	return createHash("sha256").update(raw).digest("hex").slice(0, 16);
}
