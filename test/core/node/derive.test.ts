import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { PURPOSES, type Purpose } from "../../../core/contract/purposes.ts";
import { deriveKey } from "../../../core/node/derive.ts";

const master = Buffer.alloc(32, 7);
const id = "6f0c1f2e-8f0a-4c5e-9a57-1f6f0a3d2b11";

/** RFC 5869 by hand: extract, then expand. */
function hkdf(secret: Buffer, salt: string, info: string, length: number): Buffer {
	const pseudoRandom = createHmac("sha256", salt).update(secret).digest();
	let [block, all] = [Buffer.alloc(0), Buffer.alloc(0)];
	for (let n = 1; all.length < length; n++) {
		block = createHmac("sha256", pseudoRandom)
			.update(Buffer.concat([block, Buffer.from(info), Buffer.from([n])]))
			.digest();
		all = Buffer.concat([all, block]);
	}
	return all.subarray(0, length);
}

describe("deriveKey", () => {
	it.each(Object.entries(PURPOSES))("is HKDF-SHA256 for %s, of %i bytes", (purpose, length) => {
		const key = deriveKey(master, id, purpose as Purpose, 3);
		expect(key).toEqual(hkdf(master, id, `clusteros/v1/${purpose}/3`, length));
	});

	it("gives another key for every cluster, purpose, generation and master", () => {
		const keys = [
			deriveKey(master, id, "serf", 1),
			deriveKey(master, id, "serf", 2),
			deriveKey(master, id, "announce", 1),
			deriveKey(master, id.replace("6", "7"), "serf", 1),
			deriveKey(Buffer.alloc(32, 8), id, "serf", 1),
		];
		expect(new Set(keys.map((key) => key.toString("hex"))).size).toBe(keys.length);
	});
});
