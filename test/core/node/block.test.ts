import { describe, expect, it } from "vitest";
import { blockIn, withBlock } from "../../../core/node/block.ts";

const OWN = "127.0.0.1 localhost\n";

describe("withBlock", () => {
	it("appends our lines once and replaces them ever after, wherever they stand", () => {
		const first = withBlock(OWN, "10.90.0.1 c1\n");
		expect(first.startsWith(OWN)).toBe(true);
		expect(blockIn(first)).toBe("10.90.0.1 c1\n");
		expect(withBlock(first, "10.90.0.1 c1\n")).toBe(first);
		const between = `${first}10.0.0.9 printer\n`;
		const second = withBlock(between, "10.90.0.1 c1\n10.90.0.2 n1\n");
		expect(blockIn(second)).toBe("10.90.0.1 c1\n10.90.0.2 n1\n");
		expect(second.replace("10.90.0.2 n1\n", "")).toBe(between);
	});

	it.each(["", "127.0.0.1 localhost"])("starts on a line of its own after %j", (text) => {
		expect(withBlock(text, "x").split("\n").filter(Boolean)).toHaveLength(text === "" ? 3 : 4);
	});

	it("knows no lines of ours in a file without them", () => {
		expect(blockIn(OWN)).toBeUndefined();
	});

	it("keeps an empty block", () => {
		expect(blockIn(withBlock(OWN, ""))).toBe("\n");
	});
});
