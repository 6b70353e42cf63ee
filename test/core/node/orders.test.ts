import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rawPublicKey } from "../../../core/node/keys.ts";
import { type Order, openOrder, sealOrder } from "../../../core/node/orders.ts";
import { keyNumber } from "./people.ts";

const key = keyNumber(3);
const controllers = [
	{ name: "c1", key: rawPublicKey(keyNumber(2)).toString("base64") },
	{ name: "c2", key: rawPublicKey(key).toString("base64") },
];
const order: Order = { op: "readmit", name: "n1", id: "0123456789abcdef", seq: 7 };

describe("orders", () => {
	it("are opened as they were sealed, and name the controller that gave them", () => {
		for (const op of ["readmit", "forget", "approve"] as const) {
			const given = { op, name: "n1", seq: 1 };
			expect(openOrder(sealOrder(given, key), controllers)).toEqual({ ok: true, order: given, by: "c2" });
		}
		expect(openOrder(sealOrder(order, key), controllers)).toEqual({ ok: true, order, by: "c2" });
	});

	it("fit a Serf user event", () => {
		const longest = { ...order, name: `a${"b".repeat(31)}`, seq: Number.MAX_SAFE_INTEGER };
		expect(Buffer.byteLength(sealOrder(longest, key))).toBeLessThanOrEqual(512);
	});

	it("of anybody else are refused", () => {
		const forged = sealOrder(order, keyNumber(4));
		expect(openOrder(forged, controllers)).toEqual({ ok: false, reason: "not signed by a controller" });
	});

	it("are refused after any one character has become another", () => {
		const text = sealOrder(order, key);
		fc.assert(
			fc.property(fc.nat(text.length - 1), fc.integer({ min: 1, max: 127 }), (at, flip) => {
				const other = String.fromCharCode(text.charCodeAt(at) ^ flip);
				expect(openOrder(text.slice(0, at) + other + text.slice(at + 1), controllers).ok).toBe(false);
			}),
			{ numRuns: 500 },
		);
	});

	it.each([
		{ ...order, op: "format" },
		{ ...order, name: "n1; reboot" },
		{ ...order, id: "short" },
		{ ...order, seq: -1 },
		{ ...order, more: 1 },
	])("cannot be %j", (bad) => {
		expect(() => sealOrder(bad as Order, key)).toThrow(RangeError);
	});
});
