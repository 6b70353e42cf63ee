import { describe, expect, it } from "vitest";
import { type Cable, echo, forward, GOOD_CABLE, learn, type MacTable } from "../../../qemu/switch/fabric.ts";
import { frame, MAC } from "./frames.ts";

const never = () => {
	throw new Error("no random number is needed here");
};

/** Three machines, with the cables of some changed. */
function cables(changes: Record<string, Partial<Cable>> = {}): Map<string, Cable> {
	return new Map(["a", "b", "c"].map((name) => [name, { ...GOOD_CABLE, ...changes[name] }]));
}

/** A table that has heard all three. */
function table(): MacTable {
	const known: MacTable = new Map();
	for (const name of ["a", "b", "c"] as const) learn(frame(MAC.all, MAC[name]), name, known);
	return known;
}

describe("forward", () => {
	it("sends a frame to the one who has its address", () => {
		expect(forward(frame(MAC.b, MAC.a), "a", table(), cables(), never)).toEqual([{ to: "b", delay: 0 }]);
	});

	it.each([
		["an address nobody has", frame("52:54:00:00:00:99", MAC.a)],
		["everybody", frame(MAC.all, MAC.a)],
		["a group", frame("01:00:5e:00:00:fb", MAC.a)],
	])("sends a frame for %s to all others", (_, sent) => {
		expect(forward(sent, "a", table(), cables(), never).map(({ to }) => to)).toEqual(["b", "c"]);
	});

	it("does not send a frame back to where it came from", () => {
		const known = table();
		learn(frame(MAC.all, MAC.b), "a", known);
		expect(forward(frame(MAC.b, MAC.a), "a", known, cables(), never)).toEqual([]);
	});

	it("floods again when the machine behind an address is unplugged", () => {
		const left = cables();
		left.delete("b");
		expect(forward(frame(MAC.b, MAC.a), "a", table(), left, never).map(({ to }) => to)).toEqual(["c"]);
	});

	it("follows an address that moves, and learns no group's", () => {
		const known = table();
		learn(frame(MAC.all, MAC.a), "c", known);
		learn(frame(MAC.all, "01:00:5e:00:00:01"), "c", known);
		expect(forward(frame(MAC.a, MAC.b), "b", known, cables(), never)).toEqual([{ to: "c", delay: 0 }]);
		expect(known.size).toBe(3);
	});

	it("drops what is shorter than a header", () => {
		expect(forward(new Uint8Array(13), "a", table(), cables(), never)).toEqual([]);
	});

	it("does not grow with addresses that are made up", () => {
		const known: MacTable = new Map();
		for (let i = 0; i < 10_000; i++) learn(frame(MAC.all, `52:54:01:00:${hex(i >> 8)}:${hex(i & 255)}`), "a", known);
		expect(known.size).toBeLessThanOrEqual(4096);
	});
});

function hex(byte: number): string {
	return byte.toString(16).padStart(2, "0");
}

describe("faults", () => {
	it("a cut holds in both directions, and for one machine only", () => {
		const cut = cables({ b: { cut: true } });
		expect(forward(frame(MAC.b, MAC.a), "a", table(), cut, never)).toEqual([]);
		expect(forward(frame(MAC.a, MAC.b), "b", table(), cut, never)).toEqual([]);
		expect(forward(frame(MAC.all, MAC.a), "a", table(), cut, never)).toEqual([{ to: "c", delay: 0 }]);
		expect(echo("b", cut, never)).toEqual([]);
	});

	it("delays of both cables add up", () => {
		const slow = cables({ a: { delay: 5 }, b: { delay: 20 } });
		expect(forward(frame(MAC.all, MAC.a), "a", table(), slow, never)).toEqual([
			{ to: "b", delay: 25 },
			{ to: "c", delay: 5 },
		]);
		expect(echo("b", slow, never)).toEqual([{ to: "b", delay: 40 }]);
	});

	it("loses the share it was told, on each cable", () => {
		const lossy = cables({ a: { loss: 0.5 }, b: { loss: 0.5 } });
		const arrives = (...numbers: number[]) => {
			const random = () => numbers.shift()!;
			return forward(frame(MAC.b, MAC.a), "a", table(), lossy, random).length === 1;
		};
		expect(arrives(0.49)).toBe(false);
		expect(arrives(0.5, 0.49)).toBe(false);
		expect(arrives(0.5, 0.5)).toBe(true);
		const total = cables({ a: { loss: 1 } });
		expect(forward(frame(MAC.b, MAC.a), "a", table(), total, () => 0.999999)).toEqual([]);
	});
});
