import { describe, expect, it } from "vitest";
import { type Outcome, runMachine, type State, type StateName } from "../../agent/machine.ts";
import type { Node } from "../../agent/observe.ts";

const node = { name: "n1", boot: "b", identity: { id: "0123456789abcdef" } } as Node;

/** Runs states whose outcomes are given in order; a string is a failure with that text. */
async function play(script: Partial<Record<StateName, (Outcome | string)[]>>, stopAfter = Number.POSITIVE_INFINITY) {
	const reports: string[] = [];
	const slept: number[] = [];
	const states = Object.fromEntries(
		Object.entries(script).map(([name, outcomes]): [string, State<Node>] => [
			name,
			async () => {
				const outcome = outcomes.shift()!;
				if (typeof outcome === "string") throw new Error(outcome);
				return outcome;
			},
		]),
	);
	const machine = {
		states,
		report: (state: StateName, reason?: string) => reports.push(reason === undefined ? state : `${state} ${reason}`),
		sleep: async (seconds: number) => void slept.push(seconds),
		stopped: () => slept.length >= stopAfter,
	};
	await runMachine(machine, node, "booted");
	return { reports, slept };
}

describe("runMachine", () => {
	it("goes from state to state until one rests", async () => {
		const { reports } = await play({ booted: [{ go: "mesh" }], mesh: [{ go: "ready" }], ready: [{ rest: true }] });
		expect(reports).toEqual(["booted", "mesh", "ready"]);
	});

	it("asks a waiting state again and says why once", async () => {
		const wait = { wait: "c1 has not answered", seconds: 3 };
		const { reports, slept } = await play({ booted: [wait, wait, { rest: true }] });
		expect(reports).toEqual(["booted", "booted waiting: c1 has not answered"]);
		expect(slept).toEqual([3, 3]);
	});

	it("tries a failed state again and says why", async () => {
		const { reports, slept } = await play({ booted: ["wg: no such device", { rest: true }] });
		expect(reports).toEqual(["booted", "booted failed: wg: no such device"]);
		expect(slept).toHaveLength(1);
	});

	it("says that it has no such state, rather than nothing", async () => {
		const { reports } = await play({ booted: [{ go: "slurm" }] }, 1);
		expect(reports.at(-1)).toBe("slurm failed: this agent has no state slurm");
	});
});
