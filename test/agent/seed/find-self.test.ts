import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { findSelf, seededIdentity } from "../../../agent/seed/find-self.ts";
import { scratchNode } from "../scratch.ts";
import { CONTROLLER_IDENTITY, putFile, seedCluster, seedSecrets } from "../seeds.ts";

const nodes = [
	{ name: "c1", roles: ["controller" as const], mesh: "10.90.0.1" },
	{ name: "w1", roles: ["worker" as const], mesh: "10.90.0.2", mac: "52:54:00:00:00:0a" },
	{ name: "w2", roles: ["worker" as const], mesh: "10.90.0.3", serial: "SN-42" },
];

describe("findSelf", () => {
	it("finds the entry by MAC in any case, by serial number, by host name, or not at all", () => {
		using node = scratchNode();
		const found = () => findSelf(node.world, seedCluster({ nodes }))?.name;
		expect(found()).toBeUndefined();
		putFile(node.world, "/proc/sys/kernel/hostname", "c1\n");
		expect(found()).toBe("c1");
		putFile(node.world, "/sys/class/dmi/id/product_serial", "SN-42\n");
		expect(found()).toBe("w2");
		putFile(node.world, "/sys/class/net/eth1/address", "52:54:00:00:00:0A\n");
		expect(found()).toBe("w1");
	});

	it("refuses a seed for a node that it does not describe", () => {
		using node = scratchNode();
		expect(() => findSelf(node.world, seedCluster({ self: "n9" }))).toThrow(/for n9, which it does not describe/);
	});
});

describe("seededIdentity", () => {
	const [c1, n1] = seedCluster().nodes;
	const other = generateKeyPairSync("ed25519").privateKey.export({ format: "der", type: "pkcs8" }).toString("base64");

	it("is the controller's, for that controller alone", () => {
		const secrets = seedSecrets([1], { identity: CONTROLLER_IDENTITY });
		expect(seededIdentity(c1!, seedCluster(), secrets)).toBe(CONTROLLER_IDENTITY);
		// A seed for the whole cluster carries it to workers, too.
		expect(seededIdentity(n1!, seedCluster(), secrets)).toBeUndefined();
	});

	it.each([
		["none", seedSecrets()],
		["another one", seedSecrets([1], { identity: other })],
	])("fails a controller whose seed has %s", (_, secrets) => {
		expect(() => seededIdentity(c1!, seedCluster(), secrets)).toThrow(/c1 is a controller.*clusteros seed --node c1/);
	});
});
