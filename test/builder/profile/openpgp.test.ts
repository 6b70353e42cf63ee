import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { armour, armouredBlock, dearmour, primaryFingerprints } from "../../../builder/profile/openpgp.ts";

const KEYRINGS = new URL("../../../profiles/bases/keyrings/", import.meta.url).pathname;

test.each(["ubuntu-24.04", "debian-13"])("our armour of %s's keys is gpg's to the byte, checksum and all", async (name) => {
	const ascii = await readFile(`${KEYRINGS}${name}.asc`, "utf8");
	expect(armour(dearmour(ascii))).toBe(ascii);
});

test("armour is undone whatever it holds", () => {
	fc.assert(fc.property(fc.uint8Array(), (bytes) => Buffer.compare(dearmour(armour(bytes)), bytes) === 0));
});

test("a block is taken out of the text around it", () => {
	const block = armour(Uint8Array.of(1, 2, 3));
	expect(armouredBlock(`Our key:\r\n${block.replaceAll("\n", "\r\n")}Bye.`)).toBe(block);
	expect(armouredBlock("-----END PGP PUBLIC KEY BLOCK-----")).toBeUndefined();
});

test("of bytes that are no key or only a part of one, nothing is claimed and nothing breaks", async () => {
	const key = dearmour(await readFile(`${KEYRINGS}ubuntu-24.04.asc`, "utf8"));
	expect(primaryFingerprints(key)).toHaveLength(1);
	expect(primaryFingerprints(key.subarray(0, 100))).toEqual([]);
	fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => Array.isArray(primaryFingerprints(bytes))));
});
