import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../../../core/errors.ts";
import { compressHostlist, expandHostlist, selectNodes } from "../../../core/node/hostlist.ts";

describe("expandHostlist", () => {
	it.each([
		["n1", ["n1"]],
		["c1,n[1-3]", ["c1", "n1", "n2", "n3"]],
		["n[08-11]", ["n08", "n09", "n10", "n11"]],
		["n[1,3-4,04]", ["n1", "n3", "n4", "n04"]],
		["n[1-2],n[2-3]", ["n1", "n2", "n3"]],
		["rack2-n[0-1]", ["rack2-n0", "rack2-n1"]],
		["n1, n2", ["n1", "n2"]],
	])("%s", (text, names) => {
		expect(expandHostlist(text)).toEqual(names);
	});

	it.each(["", ",", "n1,", "N1", "n[", "n[1-]", "n[3-1]", "n[1-99999999]", "n[1-2]x", "n1 n2", "n[a]", "-n", "n[]"])(
		"refuses %j",
		(text) => {
			expect(() => expandHostlist(text)).toThrow(UserError);
		},
	);
});

describe("compressHostlist", () => {
	it.each([
		[["n1", "n2", "n3", "c1"], "c1,n[1-3]"],
		[["n8", "n9", "n10"], "n[8-10]"],
		[["n08", "n09", "n10", "n100"], "n[100,08-10]"],
		[["login", "n5", "n5", "n7"], "login,n[5,7]"],
		[[], ""],
	])("%j", (names, text) => {
		expect(compressHostlist(names)).toBe(text);
	});

	it("expands to what was compressed, whatever the names", () => {
		const part = fc.stringMatching(/^[a-z][a-z0-9-]{0,3}$/);
		const digits = fc.oneof(
			fc.nat(15).map(String),
			fc.nat(120).map((n) => String(n).padStart(3, "0")),
			fc.nat(15).map((n) => `0${n}`),
		);
		const name = fc.oneof(
			part,
			fc.tuple(part, digits).map(([a, b]) => a + b),
			digits.map((b) => `n${b}`),
		);
		fc.assert(
			fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 40 }), (names) => {
				expect(expandHostlist(compressHostlist(names)).toSorted()).toEqual(names.toSorted());
			}),
			{ numRuns: 500 },
		);
	});
});

describe("selectNodes", () => {
	const names = ["c1", "n1", "n2", "n3"];

	it("takes all, or those named, in the order in which they are named", () => {
		expect(selectNodes("all", names)).toEqual(names);
		expect(selectNodes("n[2-3],c1,n2", names)).toEqual(["n2", "n3", "c1"]);
	});

	it("names every node that is not there, with the nearest", () => {
		const error = problemsOf(() => selectNodes("m1,n[3-4],x-ray-9", names));
		expect(error).toEqual([
			{ message: 'no node is called "m1"', fix: 'did you mean "c1"?' },
			{ message: 'no node is called "n4"', fix: 'did you mean "n1"?' },
			{ message: 'no node is called "x-ray-9"', fix: "the nodes are: c1,n[1-3]" },
		]);
	});
});

function problemsOf(attempt: () => unknown): unknown {
	try {
		attempt();
	} catch (error) {
		return (error as UserError).problems;
	}
	return [];
}
