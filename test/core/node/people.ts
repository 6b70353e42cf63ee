import { createPrivateKey, type KeyObject } from "node:crypto";
import type { Announcement } from "../../../core/contract/seed.ts";
import { nodeIdOf, rawPublicKey } from "../../../core/node/keys.ts";

const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

/** An Ed25519 key that is the same on every run. */
export function keyNumber(n: number): KeyObject {
	return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, Buffer.alloc(32, n)]), format: "der", type: "pkcs8" });
}

/** What the node with this key might announce. */
export function announcementOf(key: KeyObject, over: Partial<Announcement> = {}): Announcement {
	return {
		v: 1,
		name: "n1",
		id: nodeIdOf(rawPublicKey(key)),
		wg: Buffer.alloc(32, 9).toString("base64"),
		endpoint: "192.168.77.12:51820",
		mesh: "10.90.0.2",
		roles: ["worker"],
		seq: 3,
		...over,
	};
}
