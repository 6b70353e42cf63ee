import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { SeedCluster } from "../../../core/contract/seed.ts";
import { addressRefusal, findEntry, selfMember, settleClashes, viewOf } from "../../../core/node/members.ts";

const example = readFileSync(new URL("../../../core/contract/examples/seed-cluster.json", import.meta.url), "utf8");
const seed = JSON.parse(example) as SeedCluster;
const { self: _, ...many } = seed;
const nodes: SeedCluster["nodes"] = [
	{ name: "c1", roles: ["controller"], mac: "52:54:00:00:00:01", mesh: "10.90.0.1" },
	{ name: "n1", roles: ["worker"], serial: "S-1", mesh: "10.90.0.2" },
	{ name: "n2", roles: ["worker"], mesh: "10.90.0.3" },
];
const machine = { macs: [], hostname: "localhost" };

describe("findEntry", () => {
	it.each([
		["its MAC, in any case", { ...machine, macs: ["02:00:00:00:00:01", "52:54:00:00:00:01".toUpperCase()] }, "c1"],
		["its serial number", { ...machine, serial: "S-1\n" }, "n1"],
		["its host name", { ...machine, hostname: "n2" }, "n2"],
		["MAC before host name", { macs: ["52:54:00:00:00:01"], hostname: "n2" }, "c1"],
	])("goes by %s", (_what, given, name) => {
		expect(findEntry({ nodes }, given)?.name).toBe(name);
	});

	it("does not give an entry with a MAC or serial to a machine that only has its host name", () => {
		expect(findEntry({ nodes }, { ...machine, hostname: "c1" })).toBeUndefined();
		expect(findEntry({ nodes }, { ...machine, hostname: "n1" })).toBeUndefined();
	});

	it("takes the seed's own word first", () => {
		expect(findEntry({ nodes, self: "n2" }, { ...machine, serial: "S-1" })?.name).toBe("n2");
	});
});

describe("selfMember", () => {
	it("is the entry, or a worker named and addressed by its id", () => {
		expect(selfMember(nodes[0], "ab".repeat(8), "10.90.0.0/16")).toEqual({
			name: "c1",
			mesh: "10.90.0.1",
			roles: ["controller"],
		});
		const unknown = selfMember(undefined, "abcdef0123456789", "10.90.0.0/16");
		expect(unknown).toMatchObject({ name: "node-abcdef", roles: ["worker"] });
		expect(addressRefusal(unknown, { nodes, mesh: seed.mesh })).toBeUndefined();
	});
});

describe("addressRefusal", () => {
	const cluster = { nodes, mesh: seed.mesh };
	it.each([
		[{ name: "n1", mesh: "10.90.0.2" }, undefined],
		[{ name: "n1", mesh: "10.90.0.1" }, "announces 10.90.0.1, but n1 has 10.90.0.2"],
		[{ name: "stranger", mesh: "10.90.0.2" }, "announces 10.90.0.2, which is n1's"],
		[{ name: "stranger", mesh: "10.91.200.1" }, "announces 10.91.200.1, which is not in 10.90.0.0/16"],
		// Added to cluster.toml after this node was seeded.
		[{ name: "n9", mesh: "10.90.0.9" }, undefined],
		[{ name: "stranger", mesh: "10.90.200.1" }, undefined],
	])("%j: %s", (claim, refusal) => {
		expect(addressRefusal(claim, cluster)).toBe(refusal);
	});
});

describe("settleClashes", () => {
	it("leaves an address to the lowest id", () => {
		const claims = [
			{ id: "b", mesh: "10.90.200.1" },
			{ id: "a", mesh: "10.90.200.1" },
			{ id: "c", mesh: "10.90.200.2" },
		];
		expect(settleClashes(claims)).toEqual({ kept: [claims[1], claims[2]], lost: [claims[0]] });
	});
});

describe("viewOf", () => {
	it("has all members by name, this one among them, and nothing else of them", () => {
		const self = { name: "n1", mesh: "10.90.0.2", roles: ["worker"] as const };
		const peer = { name: "c1", mesh: "10.90.0.1", roles: ["controller"] as const, wg: "x" };
		const view = viewOf({ ...many }, self, [peer]);
		expect(view.self.name).toBe("n1");
		expect(view.members).toEqual([{ name: "c1", mesh: "10.90.0.1", roles: ["controller"] }, self]);
	});
});
