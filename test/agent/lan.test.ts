import { describe, expect, it } from "vitest";
import { chooseLan, type Link } from "../../agent/lan.ts";

function link(name: string, cidr: string, changes: Partial<Link> = {}): Link {
	const address = cidr.split("/")[0]!;
	return {
		name,
		mac: `52:54:00:00:00:${name.slice(-2).padStart(2, "0")}`,
		address,
		cidr,
		carrier: true,
		physical: true,
		...changes,
	};
}

const qemu = link("ens3", "10.0.2.15/24");
const lan = link("ens4", "192.168.77.12/24");
const choose = (links: Link[], hints: Partial<Parameters<typeof chooseLan>[1]> = {}) =>
	chooseLan(links, { meet: [], ...hints })?.name;

describe("chooseLan", () => {
	it("takes the interface with the entry's MAC and no other", () => {
		expect(choose([qemu, lan], { mac: qemu.mac })).toBe("ens3");
		expect(choose([qemu, lan], { mac: "52:54:00:99:99:99" })).toBeUndefined();
	});

	it("never takes the management network, tunnels, or one without a cable", () => {
		expect(choose([qemu, lan])).toBe("ens4");
		expect(choose([qemu])).toBeUndefined();
		expect(choose([link("mgmt0", "172.16.0.5/24"), lan])).toBe("ens4");
		expect(choose([link("wg0", "10.90.0.2/16", { physical: false })])).toBeUndefined();
		expect(choose([{ ...lan, carrier: false }])).toBeUndefined();
		expect(choose([{ ...lan, carrier: false }], { mac: lan.mac })).toBeUndefined();
	});

	it("prefers the network of those to meet, then a real address, then the first by name", () => {
		const other = link("ens2", "172.16.0.5/24");
		const linkLocal = link("ens1", "169.254.7.7/16");
		expect(choose([other, lan], { meet: ["192.168.77.11:7946"] })).toBe("ens4");
		expect(choose([linkLocal, lan, other])).toBe("ens2");
		expect(choose([linkLocal, qemu])).toBe("ens1");
	});
});
