import { describe, expect, it } from "vitest";
import { differences } from "../../../builder/store/differences.ts";

const digest = (letter: string) => letter.repeat(64);

describe("differences", () => {
	it("says nothing of equal records, whatever their order of keys", () => {
		expect(differences({ a: 1, b: [1] }, { b: [1], a: 1 })).toEqual([]);
	});

	it("names what was added to a list and what was removed from it", () => {
		expect(differences({ packages: ["vim", "curl"] }, { packages: ["vim", "htop"] })).toEqual([
			'packages: removed "curl"',
			'packages: added "htop"',
		]);
	});

	it("counts an item as often as it is there", () => {
		expect(differences({ args: ["a"] }, { args: ["a", "a"] })).toEqual(['args: added "a"']);
	});

	it("shows both values of what changed, by dotted path", () => {
		expect(differences({ tools: { mke2fs: "1.47.0", x: 1 } }, { tools: { mke2fs: "1.47.2", x: 1 } })).toEqual([
			"tools.mke2fs: 1.47.0 → 1.47.2",
		]);
	});

	it("names fields that came and went", () => {
		expect(differences({ lock: "a" }, { mirror: "b" })).toEqual(['lock: removed "a"', 'mirror: added "b"']);
	});

	it("follows the items of a list by their name", () => {
		const before = {
			files: [
				{ path: "/etc/motd", sha256: digest("a") },
				{ path: "/etc/issue", sha256: digest("c") },
			],
		};
		const after = {
			files: [
				{ path: "/etc/motd", sha256: digest("b") },
				{ path: "/etc/issue", sha256: digest("c") },
			],
		};
		expect(differences(before, after)).toEqual(["files[/etc/motd].sha256: aaaaaaaa… → bbbbbbbb…"]);
	});

	it("says when only the order changed", () => {
		expect(differences({ a: ["x", "y"] }, { a: ["y", "x"] })).toEqual(["a: in another order"]);
		expect(differences({ a: [{ name: "x" }, { name: "y" }] }, { a: [{ name: "y" }, { name: "x" }] })).toEqual([
			"a: in another order",
		]);
	});

	it("says that a value changed its kind", () => {
		expect(differences({ a: "1" }, { a: 1 })).toEqual(['a: "1" → 1']);
		expect(differences({ a: [] }, { a: { b: 1 } })).toEqual(['a: [] → {"b":1}']);
	});

	it("keeps long lists, long values and many changes short", () => {
		const many = Array.from({ length: 30 }, (_, n) => `p${n}`);
		expect(differences({ packages: [] }, { packages: many })).toEqual(['packages: added "p0", "p1", "p2", "p3" and 26 more']);
		const fields = Object.fromEntries(many.map((name) => [name, 1]));
		const lines = differences({}, fields);
		expect(lines).toHaveLength(12);
		expect(lines.at(-1)).toBe("… and 19 more");
		expect(differences({ text: "x".repeat(999) }, { text: "y" })[0]!.length).toBeLessThan(80);
	});
});
