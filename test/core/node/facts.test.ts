import { describe, expect, it } from "vitest";
import { factsOf, isAirgapArchive } from "../../../core/node/facts.ts";

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

it.each([
	["k3s-airgap-images-amd64.tar.zst", true],
	["k3s-airgap-images-arm64.tar", true],
	["clusteros.tar", false],
	["k3s-airgap-images-amd64.tar.part", false],
])("%s is k3s' own archive: %s", (name, is) => {
	expect(isAirgapArchive(name)).toBe(is);
});
