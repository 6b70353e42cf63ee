import { describe, expect, it } from "vitest";
import { generations, keysOf, newest } from "../../../agent/seed/keys.ts";
import { seedSecrets } from "../seeds.ts";

const order = (inUse: object) => keysOf(seedSecrets([1, 2, 3]), inUse, "serf").map(({ generation }) => generation);

describe("keysOf", () => {
	it("puts the one in use first, and the newest where nothing is said or what is said is gone", () => {
		expect(order({ serf: 2 })).toEqual([2, 3, 1]);
		expect(order({})).toEqual([3, 2, 1]);
		expect(order({ serf: 9, munge: 1 })).toEqual([3, 2, 1]);
		expect(keysOf(seedSecrets(), {}, "dbd")).toEqual([]);
	});
});

describe("generations", () => {
	it("tells the generation in use for each purpose that has a key", () => {
		expect(generations(seedSecrets([1, 2]), { serf: 1 })).toEqual({ serf: 1, munge: 2, announce: 2 });
		expect(newest(seedSecrets([4]))).toEqual({ serf: 4, munge: 4, announce: 4 });
	});
});
