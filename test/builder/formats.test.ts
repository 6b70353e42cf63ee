import { describe, expect, it } from "vitest";
import { checkFormats } from "../../builder/formats.ts";
import { complaintsOf, userErrorOf } from "./profile/support.ts";

describe("formats", () => {
	it("are taken in the order asked for, once", () => {
		expect(checkFormats(["raw", "qcow2", "raw"])).toEqual(["raw", "qcow2"]);
	});

	it("that nobody knows are refused, with the nearest", async () => {
		expect(await complaintsOf(() => checkFormats(["qcow"]))).toEqual([
			'unknown format "qcow"; known: qcow2, raw (did you mean "qcow2"?)',
		]);
	});

	it.each(["iso", "docker"])("that are only planned are refused: %s", async (name) => {
		const error = await userErrorOf(() => checkFormats(["qcow2", name]));
		expect(error.kind).toBe("usage");
		expect(error.problems[0]!.message).toBe(`the ${name} format is planned but not made yet; made today: qcow2, raw`);
	});
});
