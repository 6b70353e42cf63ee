import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseStat, processTicks } from "./measure.ts";
import { inHellos, parseAgent, parseTimes } from "./sides/agent.ts";

/** proc_pid_stat(5): fields 14 to 17 are 137 42 210 30; the name has what may break a parser. */
const STAT =
	"412 (a) b (c d) S 1 412 412 0 -1 4194560 9000 800 3 0 137 42 210 30 20 0 11 0 2100 1100000000 14000 18446744073709551615";

test("a process's own time and that of its children, whatever its name", () => {
	expect(parseStat(STAT)).toEqual({ own: 179, children: 240 });
});

test("our own process as the kernel has it", () => {
	const { own } = parseStat(readFileSync("/proc/self/stat", "latin1"));
	expect(own).toBeGreaterThan(0);
	expect(processTicks(process.pid)).toBeGreaterThanOrEqual(own);
	expect(processTicks(2 ** 30)).toBe(0);
});

test("what an agent uses: seconds and bytes", () => {
	const text = `${STAT}\nVmHWM:\t   70000 kB\nVmRSS:\t   60000 kB\n`;
	expect(parseAgent(text)).toEqual({ own: 1.79, children: 2.4, rss: 61_440_000, peak: 71_680_000 });
});

test("an agent that is gone has not used nothing", () => {
	expect(() => parseAgent("cat: /proc//stat: No such file or directory")).toThrow("not what an agent uses");
});

test("times of dash and of bash, user and system together", () => {
	expect(parseTimes("0m0.270000s 0m0.050000s\n1m2.5s 0m0.500s\n")).toEqual([expect.closeTo(0.32), expect.closeTo(63)]);
	expect(() => parseTimes("sh: 1: times: not found")).toThrow("not what times prints");
});

test("an agent is compared with the middle hello of its own node", () => {
	const agent = (node: string, own: number) => ({ node, own, children: 9, rss: 1, peak: 1 });
	const hellos = [
		{ node: "n1", seconds: [0.5, 0.4, 9] },
		{ node: "c1", seconds: [1, 1, 1] },
	];
	expect(inHellos([agent("c1", 3), agent("n1", 1)], hellos)).toEqual([3, 2]);
});
