import { describe, expect, it } from "vitest";
import { factsOf } from "../../../core/node/facts.ts";

const brings = { slurm: true, k3s: true, airgap: false };
const meminfo = "MemTotal:        1000448 kB\nMemFree:          10 kB\n";
const cpuinfo = (count: number) => Array.from({ length: count }, (_, n) => `processor\t: ${n}\nmodel name\t: x\n\n`).join("");

describe("factsOf", () => {
	it.each([
		["0\n", 1, 1],
		["0-1\n", 4, 2],
		["0,4\n", 8, 2],
		["0-3\n", 2, 2],
		["", 2, 1],
	])("siblings %j of %i processors are %i threads", (siblings, cpus, threads) => {
		expect(factsOf({ cpuinfo: cpuinfo(cpus), siblings, meminfo }, brings)).toEqual({ cpus, threads, memoryMiB: 977, ...brings });
	});
});
