import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { announcement as schema } from "../../../core/contract/seed.ts";
import { encodedSize, openAnnouncement, rolesOf, sealAnnouncement } from "../../../core/node/announce.ts";
import { readAnnouncement } from "../../../core/node/announcement.ts";
import { canonical } from "../../../core/node/canonical.ts";
import { rawPublicKey } from "../../../core/node/keys.ts";
import { announcementOf, keyNumber } from "./people.ts";

const key = keyNumber(1);
const announceKey = { generation: 2, key: Buffer.alloc(32, 5) };
const older = { generation: 1, key: Buffer.alloc(32, 4) };
const longest = announcementOf(key, {
	name: `a${"b".repeat(31)}`,
	endpoint: "255.255.255.255:65535",
	mesh: "255.255.255.255",
	roles: ["controller", "worker"],
	seq: Number.MAX_SAFE_INTEGER,
});

const anyAnnouncement = fc.record({
	name: fc.stringMatching(/^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/),
	wg: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString("base64")),
	endpoint: fc.tuple(fc.ipV4(), fc.integer({ min: 1, max: 65_535 })).map(([address, port]) => `${address}:${port}`),
	mesh: fc.ipV4(),
	roles: fc.subarray(["controller", "worker"] as const).map((roles) => [...roles]),
	seq: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
});

describe("sealAnnouncement", () => {
	it("fits Serf's 512 bytes with the longest name, both roles and the longest numbers", () => {
		const tags = sealAnnouncement(longest, key, { ...announceKey, generation: 999_999_999 });
		expect(encodedSize(tags)).toBeLessThanOrEqual(512);
		// At least as much as the bytes themselves: the measure cannot be too small.
		expect(encodedSize(tags)).toBeGreaterThan(Object.entries(tags).flat().join("").length + Object.keys(tags).length * 2);
	});

	it("says so when it does not fit", () => {
		expect(() => sealAnnouncement({ ...longest, name: "a".repeat(200) }, key, announceKey)).toThrow("512 bytes");
	});
});

describe("openAnnouncement", () => {
	const tags = () => sealAnnouncement(announcementOf(key), key, announceKey);

	it("gives back what was sealed, whatever it is", () => {
		fc.assert(
			fc.property(anyAnnouncement, (over) => {
				const announcement = announcementOf(key, over);
				expect(schema.parse(announcement)).toEqual(announcement);
				const opened = openAnnouncement(sealAnnouncement(announcement, key, announceKey), [older, announceKey]);
				expect(opened).toEqual({ ok: true, announcement, key: rawPublicKey(key), generation: 2 });
			}),
		);
	});

	it("refuses it after any one character has become another", () => {
		const sealed = tags();
		const place = fc.constantFrom(
			...Object.entries(sealed).flatMap(([tag, text]) => [...text].map((_, at) => [tag, at] as const)),
		);
		fc.assert(
			fc.property(place, fc.integer({ min: 1, max: 127 }), ([tag, at], flip) => {
				const text = sealed[tag]!;
				const other = String.fromCharCode(text.charCodeAt(at) ^ flip);
				const spoiled = { ...sealed, [tag]: text.slice(0, at) + other + text.slice(at + 1) };
				expect(openAnnouncement(spoiled, [older, announceKey]).ok).toBe(false);
			}),
			{ numRuns: 2000 },
		);
	});

	it("refuses another spelling of the same bytes: the last character has bits to spare", () => {
		const sealed = tags();
		const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
		const same = ["k", "s", "m"].flatMap((tag) =>
			[...letters].map((last) => ({ ...sealed, [tag]: sealed[tag]!.slice(0, -1) + last })),
		);
		expect(same.filter((one) => openAnnouncement(one, [announceKey]).ok)).toEqual([sealed, sealed, sealed]);
	});

	it("refuses another cluster's, and says whose it claims to be", () => {
		const opened = openAnnouncement(tags(), [{ generation: 2, key: Buffer.alloc(32, 6) }]);
		const claim = { name: "n1", id: announcementOf(key).id, key: rawPublicKey(key) };
		expect(opened).toEqual({ ok: false, reason: "wrong announce key", claim });
		expect(openAnnouncement(tags(), [older])).toMatchObject({ reason: "wrong announce key" });
	});

	it("refuses the signature of another node", () => {
		const stolen = { ...tags(), s: sealAnnouncement(announcementOf(key, { seq: 4 }), key, announceKey).s! };
		expect(openAnnouncement(stolen, [announceKey])).toMatchObject({ reason: "bad signature" });
	});

	it("refuses an id that is another node's, though all else be right", () => {
		const sealed = sealAnnouncement(announcementOf(keyNumber(2)), key, announceKey);
		expect(openAnnouncement(sealed, [announceKey])).toMatchObject({ reason: "id is not that of the key" });
	});

	it.each([
		[{}],
		[{ a: "{}", k: "", s: "", m: "" }],
		[{ a: "null", k: "A".repeat(43), s: "A".repeat(86), m: `1.${"A".repeat(22)}` }],
	])("calls %j malformed", (bad) => {
		expect(openAnnouncement(bad as Record<string, string>, [announceKey])).toEqual({ ok: false, reason: "malformed" });
	});

	it("reads the contract's example", () => {
		const example = readFileSync(new URL("../../../core/contract/examples/announcement.json", import.meta.url), "utf8");
		expect(readAnnouncement(canonical(JSON.parse(example)))).toEqual(JSON.parse(example));
	});

	it.each([
		{ name: "n1\n10.0.0.1 evil" },
		{ name: "" },
		{ mesh: "10.90.0.2 x" },
		{ mesh: "010.90.0.2" },
		{ endpoint: "192.168.77.12" },
		{ endpoint: "192.168.77.12:70000" },
		{ endpoint: "host:51820" },
		{ roles: ["root"] },
		{ roles: ["worker", "worker"] },
		{ seq: -1 },
		{ seq: 1.5 },
		{ v: 2 },
		{ wg: "short" },
		{ extra: 1 },
	])("refuses %j", (over) => {
		const text = canonical({ ...announcementOf(key), ...over });
		expect(readAnnouncement(text)).toBeUndefined();
	});

	it("refuses JSON that is not canonical: one value has one text", () => {
		expect(readAnnouncement(JSON.stringify(announcementOf(key)))).toBeUndefined();
		expect(readAnnouncement(canonical(announcementOf(key)).replace("{", "{ "))).toBeUndefined();
	});
});

describe("rolesOf", () => {
	const raw = rawPublicKey(key);
	const claims = { name: "c1", roles: ["controller", "worker"] } as const;
	const listed = (name: string, bytes: Uint8Array) => [{ name, key: Buffer.from(bytes).toString("base64") }];

	it("believes a controller whose key is listed for its name", () => {
		const roles = rolesOf({ ...claims, roles: [...claims.roles] }, raw, listed("c1", raw));
		expect(roles).toEqual({ roles: ["controller", "worker"], dropped: [] });
	});

	it.each([
		["another key", listed("c1", Buffer.alloc(32))],
		["another name", listed("c2", raw)],
		["nobody", []],
	])("drops controller when %s is listed", (_, controllers) => {
		const roles = rolesOf({ ...claims, roles: [...claims.roles] }, raw, controllers);
		expect(roles).toEqual({ roles: ["worker"], dropped: ["controller"] });
	});
});
