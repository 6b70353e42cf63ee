import { describe, expect, it } from "vitest";
import { joinOptions, siteValue } from "../../../../core/node/files/slurm-options.ts";

describe("siteValue", () => {
	it.each([
		["as it stands", "SchedulerParameters=a,b", "a,b"],
		["in any case, spaces around", "  schedulerparameters = a ", "a"],
		["the last of several, as SLURM takes it", "SchedulerParameters=a\nSchedulerParameters=b", "b"],
		["without its comment", "SchedulerParameters=a#b", "a"],
		["without quotes", 'SchedulerParameters="a,b"', "a,b"],
		["over two lines", "SchedulerParameters=a,\\\nb", "a,b"],
		["not of a longer key", "SchedulerParametersX=a", undefined],
		["not in a comment", "# SchedulerParameters=a", undefined],
		["not of another line's rest", "PartitionName=p SchedulerParameters=a", undefined],
	])("finds the value %s", (_how, text, value) => {
		expect(siteValue(text, "SchedulerParameters")).toBe(value);
	});
});

describe("joinOptions", () => {
	it("keeps both, the site's where both name one", () => {
		expect(joinOptions(["bf_interval=1", "bf_continue"], "defer,BF_Interval=30")).toEqual([
			"bf_continue",
			"defer",
			"BF_Interval=30",
		]);
	});

	it("is ours alone without a site's", () => {
		expect(joinOptions(["a"], "")).toEqual(["a"]);
	});
});
