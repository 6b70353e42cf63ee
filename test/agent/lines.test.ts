import { describe, expect, it } from "vitest";
import { consoleLine } from "../../agent/console.ts";
import { record } from "../../agent/journal.ts";

describe("consoleLine", () => {
	it("has five fields", () => {
		expect(consoleLine({ name: "n1", state: "booted", reason: "0123456789abcdef" })).toBe(
			"clusteros n1 booted - 0123456789abcdef",
		);
		expect(consoleLine({ name: "n1", state: "slurm", mesh: "10.90.0.2", reason: "waiting: c1" })).toBe(
			"clusteros n1 slurm 10.90.0.2 waiting: c1",
		);
	});

	it("lets nothing end the line or move the cursor", () => {
		const line = consoleLine({ name: "n 1\n", state: "booted", reason: "a\u001b[2J\r\nb" });
		expect(line).toBe("clusteros n_1 booted - a [2J b");
	});

	it("keeps its fields when the name is empty", () => {
		expect(consoleLine({ name: "", state: "booted", reason: "x" }).split(" ")[3]).toBe("-");
	});
});

describe("record", () => {
	it("starts with the level and keeps to one line", () => {
		expect(record("info", { node: "ab", state: "booted" })).toBe("<6>node=ab state=booted");
		expect(record("error", { msg: 'it said "no"\nand died' })).toBe('<3>msg="it said \\"no\\"\\nand died"');
	});

	it("leaves out what is not known", () => {
		expect(record("warning", { node: "ab", reason: undefined })).toBe("<4>node=ab");
	});
});
