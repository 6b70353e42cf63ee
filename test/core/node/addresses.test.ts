import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	formatAddress,
	halfOf,
	meshAddresses,
	meshAddressOf,
	parseAddress,
	parseNetwork,
	roomFor,
} from "../../../core/node/addresses.ts";

describe("addresses as numbers", () => {
	it("go both ways", () => {
		fc.assert(fc.property(fc.ipV4(), (address) => formatAddress(parseAddress(address)!) === address));
	});

	it.each(["10.90.0", "10.90.0.256", "10.90.0.01", "10.90.0.1.2", "a.b.c.d", "", "1e1.0.0.1"])("refuses %j", (text) => {
		expect(parseAddress(text)).toBeUndefined();
	});

	it("cuts a network's host bits off", () => {
		expect(parseNetwork("10.90.3.7/16")).toEqual({ base: parseAddress("10.90.0.0"), size: 65_536, prefix: 16 });
		expect(() => parseNetwork("10.90.0.0/33")).toThrow(RangeError);
		expect(() => parseNetwork("10.90.0.0")).toThrow(RangeError);
	});
});

describe("halfOf", () => {
	it.each([
		["10.90.0.1", "lower"],
		["10.90.127.255", "lower"],
		["10.90.128.0", "upper"],
		["10.90.255.254", "upper"],
		["10.90.255.255", "outside"],
		["10.90.0.0", "outside"],
		["10.91.0.1", "outside"],
		["nonsense", "outside"],
	])("%s is %s", (address, half) => {
		expect(halfOf(address, "10.90.0.0/16")).toBe(half);
	});
});

describe("meshAddresses", () => {
	it("counts from .1, past addresses that are given", () => {
		const nodes = [{ name: "c1" }, { name: "n1", mesh: "10.90.0.9" }, { name: "n2" }, { name: "n3", mesh: "10.90.0.2" }];
		expect([...meshAddresses(nodes, "10.90.0.0/16")]).toEqual([
			["c1", "10.90.0.1"],
			["n1", "10.90.0.9"],
			["n2", "10.90.0.3"],
			["n3", "10.90.0.2"],
		]);
	});

	it("leaves out nodes for which the lower half has no room", () => {
		const nodes = ["a", "b", "c", "d", "e"].map((name) => ({ name }));
		expect(roomFor("10.0.0.0/29")).toBe(3);
		expect([...meshAddresses(nodes, "10.0.0.0/29").values()]).toEqual(["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
	});
});

describe("meshAddressOf", () => {
	it("is in the upper half, the same every time, another one after a clash", () => {
		fc.assert(
			fc.property(fc.stringMatching(/^[0-9a-f]{16}$/), fc.integer({ min: 8, max: 28 }), fc.nat(3), (id, bits, attempt) => {
				const network = `10.0.0.0/${bits}`;
				const address = meshAddressOf(id, network, attempt);
				expect(halfOf(address, network)).toBe("upper");
				expect(meshAddressOf(id, network, attempt)).toBe(address);
			}),
		);
		expect(meshAddressOf("00".repeat(8), "10.0.0.0/8", 1)).not.toBe(meshAddressOf("00".repeat(8), "10.0.0.0/8"));
	});
});
