import { createPrivateKey } from "node:crypto";
import { rawPublicKey } from "../../core/node/keys.ts";

const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
const TYPE = "ssh-ed25519";

/**
 * An Ed25519 private key in OpenSSH's format (PROTOCOL.key), without a passphrase, from 32 random bytes: no ssh-keygen,
 * and no copy of it in a temporary folder.
 */
export function newSshKey(seed: Uint8Array, comment: string): string {
	const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: "der", type: "pkcs8" });
	const raw = rawPublicKey(key);
	// Twice the same number shows who decrypts such a file that the passphrase was right; nothing is encrypted here.
	const check = Buffer.from(raw.subarray(0, 4));
	const secret = [check, check, field(TYPE), field(raw), field(Buffer.concat([seed, raw])), field(comment)];
	const bytes = Buffer.concat([
		Buffer.from("openssh-key-v1\0", "latin1"),
		...["none", "none", ""].map(field),
		number(1),
		field(Buffer.concat([field(TYPE), field(raw)])),
		field(padded(Buffer.concat(secret))),
	]);
	const lines = bytes.toString("base64").match(/.{1,70}/g)!;
	return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join("\n");
}

/** To a multiple of 8 bytes by 1, 2, 3 … */
function padded(bytes: Buffer): Buffer {
	const missing = (8 - (bytes.length % 8)) % 8;
	return Buffer.concat([bytes, Buffer.from(Array.from({ length: missing }, (_, index) => index + 1))]);
}

function field(content: string | Uint8Array): Buffer {
	const bytes = Buffer.from(content as Uint8Array);
	return Buffer.concat([number(bytes.length), bytes]);
}

function number(value: number): Buffer {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32BE(value);
	return bytes;
}
