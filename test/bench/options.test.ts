import { describe, expect, test } from "vitest";
import { UserError } from "../../core/errors.ts";
import { parseOptions } from "./options.ts";

const parse = (...argv: string[]) => parseOptions(argv, "/home/someone", ["cold", "help"]);

test("three samples by default, one when it has to be quick", () => {
	expect(parse()).toEqual({
		repeat: 3,
		only: undefined,
		quick: false,
		cluster: false,
		nodes: 5,
		image: undefined,
		write: false,
		dir: "/home/someone/.cache/clusteros-bench",
	});
	expect(parse("--quick").repeat).toBe(1);
	expect(parse("--quick", "--repeat", "2", "--only", "help, cold").only).toEqual(["help", "cold"]);
});

describe("what cannot be measured is refused with the usage", () => {
	for (const argv of [["--only", "hlp"], ["--repeat", "0"], ["--repeat", "x"], ["--nodes", "0"], ["--fast"], ["cold"]]) {
		test(argv.join(" "), () => {
			expect(() => parse(...argv)).toThrow(UserError);
		});
	}
	test("an unknown row lists the known ones", () => {
		expect(() => parse("--only", "hlp")).toThrow("no row hlp; there are: cold, help");
	});
});
