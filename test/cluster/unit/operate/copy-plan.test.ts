import { describe, expect, it } from "vitest";
import { parsePlace, planCopy } from "../../../../cluster/operate/copy-plan.ts";

describe("parsePlace", () => {
	it.each([
		["n1:/etc/hosts", { nodes: "n1", path: "/etc/hosts" }],
		["c1,n[1-4]:data", { nodes: "c1,n[1-4]", path: "data" }],
		["all:", { nodes: "all", path: "." }],
		["./n1:file", { path: "./n1:file" }],
		["/tmp/n1:file", { path: "/tmp/n1:file" }],
		["n1:a:b", { nodes: "n1", path: "a:b" }],
		["file", { path: "file" }],
	])("%s", (text, place) => expect(parsePlace(text)).toEqual(place));
});

describe("planCopy", () => {
	it("is a copy to nodes, or from them", () => {
		expect(planCopy(["a", "b", "all:/x"])).toEqual({ way: "to", nodes: "all", sources: ["a", "b"], target: "/x" });
		expect(planCopy(["n1:a", "n1:b", "x"])).toEqual({ way: "from", nodes: "n1", sources: ["a", "b"], target: "x" });
	});

	it.each([
		[["a"], /what is to be copied, and where/],
		[["a", "b"], /no node is named/],
		[["n1:a", "n2:b"], /two steps/],
		[["n1:a", "b", "c"], /same nodes/],
		[["n1:a", "n2:b", "c"], /same nodes/],
	])("%j is refused", (words, why) => expect(() => planCopy(words)).toThrow(why));
});
