import fc from "fast-check";
import { expect, test } from "vitest";
import { didYouMean, nearest } from "../../../core/toml/nearest.ts";

test.each([
	["overlay", "overlays"],
	["slrum", "slurm"],
	["pakcages", "packages"],
	["Base", "base"],
])("%s is near %s", (word, meant) => {
	expect(nearest(word, ["zzz", "overlays", "slurm", "packages", "base"])).toBe(meant);
});

test("what is like nothing gets no suggestion", () => {
	expect(nearest("monitoring", ["base", "slurm"])).toBeUndefined();
	expect(didYouMean("x", [])).toBeUndefined();
});

test("a word is nearest to itself", () => {
	const words = fc.array(
		fc.string({ minLength: 1 }).map((word) => word.toLowerCase()),
		{ minLength: 1 },
	);
	fc.assert(fc.property(words, (list) => nearest(list.at(-1)!, list) === list.at(-1)));
});
