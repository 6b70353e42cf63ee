import { styleText } from "node:util";
import { describe, expect, it } from "vitest";
import { bytes, seconds, table } from "../../../builder/ui/format.ts";

describe("bytes", () => {
	it.each([
		[0, "0 B"],
		[999, "999 B"],
		[1000, "1 kB"],
		[38_400_000, "38 MB"],
		[999_400_000, "999 MB"],
		[999_600_000, "1.0 GB"],
		[1_900_000_000, "1.9 GB"],
		[99_960_000_000, "100 GB"],
		[999_700_000_000, "1.0 TB"],
	])("%d is %s", (n, text) => expect(bytes(n)).toBe(text));
});

describe("seconds", () => {
	it.each([
		[0.04, "0.0 s"],
		[14.23, "14.2 s"],
		[99.96, "1 min 40 s"],
		[119.6, "2 min 00 s"],
		[125, "2 min 05 s"],
	])("%d is %s", (n, text) => expect(seconds(n)).toBe(text));
});

describe("table", () => {
	it("aligns columns, whatever their colours, and leaves no spaces at line ends", () => {
		const green = styleText("green", "✔", { validateStream: false });
		expect(table([[green, "a", "first"], ["✘", "longer", ""], ["only"]])).toBe(`${green}     a       first\n✘     longer\nonly`);
	});

	it("of nothing is nothing", () => expect(table([])).toBe(""));
});
