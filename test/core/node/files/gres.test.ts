import { describe, expect, it } from "vitest";
import { gresOf, gresTypes } from "../../../../core/node/files/gres.ts";

describe("gresOf", () => {
	it.each([
		["a count", "Name=gpu Count=2", "gpu:2"],
		["a count with a suffix", "Name=disk Count=2K", "disk:2048"],
		["as many as files", "Name=gpu File=/dev/nvidia[0-2,7],/dev/nvidia9", "gpu:5"],
		["one, when nothing counts", "Name=licence", "licence:1"],
		["types apart", "Name=gpu Type=a100 Count=1\nName=gpu Type=h100 Count=2", "gpu:a100:1,gpu:h100:2"],
		["lines of one type together", "Name=gpu File=/dev/nvidia0 Cores=0\nName=gpu File=/dev/nvidia1 Cores=1", "gpu:2"],
		["keys in any case", "NODENAME=n[1-3] name=gpu count=1", "gpu:1"],
		["nothing of other nodes", "NodeName=n[2-3] Name=gpu Count=1", undefined],
		["nothing of a comment", "# Name=gpu Count=1", undefined],
		["nothing without a name", "AutoDetect=nvml", undefined],
	])("reads %s", (_what, text, expected) => {
		expect(gresOf(text, "n1")).toBe(expected);
	});
});

it("gresTypes names each once", () => {
	expect(gresTypes("NodeName=n1 Name=gpu Count=1\nName=mps Count=100\nName=gpu File=/dev/x\nAutoDetect=off")).toEqual([
		"gpu",
		"mps",
	]);
});
