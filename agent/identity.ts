import { createPrivateKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { identityKeyOf, nodeIdOf, rawPublicKey } from "../core/node/keys.ts";
import { ignoreMissing, writeAtomic } from "./atomic-file.ts";

/** Who a node is: an Ed25519 key made on the node, which never leaves it. */
export interface Identity {
	/** First 16 hex digits of the SHA-256 of the raw public key. */
	readonly id: string;
	readonly key: KeyObject;
}

/** PKCS #8 of an Ed25519 key, up to its 32 secret bytes (RFC 8410). */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

/**
 * The identity in `path`, made there (0600) when there is none yet: the same on every boot.
 * @throws when the file holds something else: replacing it would turn the node into another one.
 */
export function loadIdentity(path: string, random: (bytes: number) => Uint8Array): Identity {
	// An empty file holds no identity that could be lost.
	const text = ignoreMissing(() => readFileSync(path, "utf8"));
	return identityOf(text === undefined || text === "" ? makeKey(path, random) : readKey(path, text));
}

/**
 * Puts a controller's identity, made at seed time (PKCS #8 in base64), into `path`, whatever was there.
 * @throws when it is no Ed25519 key.
 */
export function installIdentity(path: string, pkcs8: string): Identity {
	const key = identityKeyOf(pkcs8);
	const text = key.export({ format: "pem", type: "pkcs8" }) as string;
	if (ignoreMissing(() => readFileSync(path, "utf8")) !== text) writeAtomic(path, text, 0o600);
	return identityOf(key);
}

function makeKey(path: string, random: (bytes: number) => Uint8Array): KeyObject {
	const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, random(32)]), format: "der", type: "pkcs8" });
	writeAtomic(path, key.export({ format: "pem", type: "pkcs8" }) as string, 0o600);
	return key;
}

function readKey(path: string, text: string): KeyObject {
	try {
		const key = createPrivateKey(text);
		if (key.asymmetricKeyType === "ed25519") return key;
	} catch {
		// Said below: OpenSSL's own words name neither the file nor what to do.
	}
	throw new Error(`${path} holds no Ed25519 key; bring it back from a backup, or remove it to make this a new node`);
}

function identityOf(key: KeyObject): Identity {
	return { id: nodeIdOf(rawPublicKey(key)), key };
}
