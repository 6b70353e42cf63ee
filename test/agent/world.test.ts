import { describe, expect, it } from "vitest";
import { exec, NoEnd, patientWorld } from "../../agent/world.ts";
import { scratchNode } from "./scratch.ts";

describe("exec", () => {
	it("answers with both streams and the exit code, and takes input", async () => {
		expect(await exec(["cat"], { input: "secret" })).toEqual({ code: 0, stdout: "secret", stderr: "" });
		const odd = await exec(["sh", "-c", "echo out; echo err >&2; exit 3"], { ok: [0, 3] });
		expect(odd).toEqual({ code: 3, stdout: "out\n", stderr: "err\n" });
	});

	it("fails with the program's last words, the time it had, or that there is none such", async () => {
		await expect(exec(["sh", "-c", "echo first >&2; echo last >&2; exit 1"])).rejects.toThrow(/^sh -c .*: last$/);
		await expect(exec(["sleep", "9"], { timeout: 30 })).rejects.toThrow("sleep 9: no end within 0.03 s");
		await expect(exec(["sleep", "9"], { timeout: 30 })).rejects.toBeInstanceOf(NoEnd);
		await expect(exec(["false"])).rejects.not.toBeInstanceOf(NoEnd);
		await expect(exec(["no-such-program"])).rejects.toThrow("no-such-program: no such program");
		await expect(exec(["false"])).rejects.toThrow("false: ended with 1");
	});

	it("does not mind a program that ends without reading its input", async () => {
		expect(await exec(["true"], { input: "x".repeat(1_000_000) })).toMatchObject({ code: 0 });
	});
});

describe("patientWorld", () => {
	it("gives more time where no limit was set", async () => {
		const limits: (number | undefined)[] = [];
		using node = scratchNode({}, (_, { timeout }) => void limits.push(timeout));
		const world = patientWorld(node.world, 8);
		await world.exec(["a"]);
		await world.exec(["b"], { timeout: 5 });
		expect(limits).toEqual([80_000, 5]);
	});
});
