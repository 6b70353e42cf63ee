import { expect, it } from "vitest";
import { watchSteps } from "../../../agent/clock/steps.ts";

function clocks() {
	let [wall, monotonic] = [1_000_000, 5000];
	const pass = (ms: number, step = 0) => {
		wall += ms + step;
		monotonic += ms;
	};
	return { stepped: watchSteps({ wall: () => wall, monotonic: () => monotonic }), pass };
}

it("a clock that only runs has made no step, however long", () => {
	const { stepped, pass } = clocks();
	pass(86_400_000, 400);
	expect(stepped()).toBe(0);
});

it("tells each step once, with its sign", () => {
	const { stepped, pass } = clocks();
	pass(1000, -3_600_000);
	expect(stepped()).toBe(-3600);
	pass(1000);
	expect(stepped()).toBe(0);
	pass(1000, 2000);
	expect(stepped()).toBe(2);
});

it("works on the real clocks", () => {
	expect(watchSteps()()).toBe(0);
});
