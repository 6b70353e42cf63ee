import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, keyOf } from "../../../builder/store/key.ts";
import type { Json, StepRecord } from "../../../core/contract/plan.ts";
import { InternalError } from "../../../core/errors.ts";

describe("keyOf", () => {
	it("is the SHA-256 of JSON with sorted keys", () => {
		expect(canonicalJson({ b: [1, null, "é"], a: { d: true, c: "" } })).toBe('{"a":{"c":"","d":true},"b":[1,null,"é"]}');
		// printf '{"a":1}' | sha256sum
		expect(keyOf({ a: 1 })).toBe("015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862");
	});

	it("does not depend on the order of keys, and reads back as the same value", () => {
		fc.assert(
			fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (record) => {
				const turned = Object.fromEntries(Object.entries(record).toReversed()) as StepRecord;
				expect(keyOf(turned)).toBe(keyOf(record as StepRecord));
				expect(JSON.parse(canonicalJson(record as Json))).toEqual(JSON.parse(JSON.stringify(record)));
			}),
		);
	});

	it("tells records apart that differ in one value, or in the order of a list", () => {
		const keys = [{ a: 1 }, { a: "1" }, { a: [1, 2] }, { a: [2, 1] }, { a: null }, {}].map(keyOf);
		expect(new Set(keys).size).toBe(keys.length);
	});

	it("refuses what JSON would silently turn into something else", () => {
		expect(() => keyOf({ a: undefined } as unknown as StepRecord)).toThrow(InternalError);
		expect(() => keyOf({ a: Number.NaN })).toThrow(InternalError);
	});
});
