import { expect, it } from "vitest";
import { pace } from "../../../agent/daemon/pace.ts";
import { seedCluster } from "../seeds.ts";

it.each([
	["metal and KVM", 1, 3],
	["a little slower", 1.5, 3],
	["software emulation", 8, 12],
	["never rarer than this", 100, 15],
])("%s: looks every 3 seconds, times half of what it is slower", (_which, slow, seconds) => {
	expect(pace({ cluster: seedCluster({ slow }) }, 3)).toBe(seconds);
});
