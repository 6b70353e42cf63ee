import { describe, expect, it } from "vitest";
import { isK3sServer, k3sServers, serverNames } from "../../../core/node/k3s-servers.ts";
import { cluster } from "./files/views.ts";

const first = (count: number) => Array.from({ length: count }, (_, n) => `c${n + 1}`);

describe("k3s' servers", () => {
	it.each([
		[1, 1],
		[2, 1],
		[3, 3],
		[4, 3],
		[5, 5],
	])("of %i controllers are the first %i", (count, servers) => {
		expect(serverNames(first(count))).toEqual(first(servers));
	});

	it("are nodes of the seed", () => {
		expect(k3sServers(cluster).map(({ mesh }) => mesh)).toEqual(["10.90.0.1"]);
		expect(["c1", "c2", "n1"].filter((name) => isK3sServer(cluster, name))).toEqual(["c1"]);
		expect(() => k3sServers({ ...cluster, nodes: [] })).toThrow("names c1 as controller");
	});
});
