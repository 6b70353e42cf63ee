import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadIdentity } from "../../agent/identity.ts";

let dir: string;
let file: string;
beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), "clusteros-identity-"));
	file = join(dir, "deep/identity.key");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe("loadIdentity", () => {
	it("makes the key once, 0600, and gives the same id ever after", () => {
		const first = loadIdentity(file, randomBytes);
		expect(statSync(file).mode & 0o777).toBe(0o600);
		expect(first.id).toMatch(/^[0-9a-f]{16}$/);
		expect(loadIdentity(file, randomBytes).id).toBe(first.id);
		expect(readdirSync(join(dir, "deep"))).toEqual(["identity.key"]);
	});

	it("takes its id from the SHA-256 of the raw public key", () => {
		// RFC 8032, test 1: this secret has this public key.
		const secret = Buffer.from("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "hex");
		const raw = Buffer.from("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "hex");
		const expected = createHash("sha256").update(raw).digest("hex").slice(0, 16);
		expect(loadIdentity(file, () => secret).id).toBe(expected);
	});

	it("differs between nodes", () => {
		expect(loadIdentity(join(dir, "a"), randomBytes).id).not.toBe(loadIdentity(join(dir, "b"), randomBytes).id);
	});

	it("starts over when a power cut left half a key beside the place", () => {
		const half = join(dir, "identity.key.new");
		writeFileSync(half, "-----BEGIN PRIV", { mode: 0o644 });
		const made = loadIdentity(join(dir, "identity.key"), randomBytes);
		expect(readdirSync(dir)).toEqual(["identity.key"]);
		expect(statSync(join(dir, "identity.key")).mode & 0o777).toBe(0o600);
		expect(loadIdentity(join(dir, "identity.key"), randomBytes).id).toBe(made.id);
	});

	it("keeps a whole key, whatever a later cut left beside it", () => {
		const { id } = loadIdentity(file, randomBytes);
		writeFileSync(`${file}.new`, "half");
		expect(loadIdentity(file, randomBytes).id).toBe(id);
	});

	it("makes a key where an empty file lies", () => {
		writeFileSync(join(dir, "identity.key"), "");
		expect(loadIdentity(join(dir, "identity.key"), randomBytes).id).toMatch(/^[0-9a-f]{16}$/);
	});

	it.each([
		["text", "not a key\n"],
		[
			"another kind of key",
			"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VuBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-----END PRIVATE KEY-----\n",
		],
	])("refuses %s in the key's place and leaves it there", (_, text) => {
		const path = join(dir, "identity.key");
		writeFileSync(path, text);
		expect(() => loadIdentity(path, randomBytes)).toThrow(/identity\.key holds no Ed25519 key; .*remove it/);
		expect(readFileSync(path, "utf8")).toBe(text);
	});
});
