import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type PatientSpec, runPatiently } from "../../../builder/apt/patience.ts";
import { Interrupted, ToolError } from "../../../core/errors.ts";
import { complaintsOf, folder } from "../profile/support.ts";

const spec = { doing: "fetching", env: {}, received: async () => 0, tried: ["http://a.example"] } satisfies PatientSpec;

/** A program that counts its starts in `count`, then says and does this. */
async function program(script: string): Promise<{ argv: readonly string[]; starts: () => Promise<number> }> {
	const count = join(await folder({ count: "" }), "count");
	return {
		argv: ["sh", "-c", `echo >> "$0"; ${script}`, count],
		starts: async () => (await readFile(count, "utf8")).length,
	};
}

const cut = "echo 'E: Failed to fetch http://a.example/x  Error reading from server. Remote end closed connection'; exit 100";

describe("a connection that breaks", () => {
	it("is tried again until it holds", async () => {
		const { argv, starts } = await program(`[ $(wc -l < "$0") -ge 2 ] || { ${cut}; }`);
		const logged: string[] = [];
		await runPatiently(async () => argv, { ...spec, log: (line) => void logged.push(line) });
		expect(await starts()).toBe(2);
		expect(logged).toContain("fetching: attempt 1 of 3 failed; once more in 1 s");
	});

	it("is given up after three times", async () => {
		const { argv, starts } = await program(cut);
		expect(await complaintsOf(() => runPatiently(async () => argv, spec))).toEqual([
			expect.stringMatching(
				/^fetching: the archive does not answer, or not to the end: Error reading.*; tried http:\/\/a\.example/,
			),
		]);
		expect(await starts()).toBe(3);
	});

	it("goes on with what is still missing, and ends when nothing is", async () => {
		const { argv, starts } = await program(cut);
		let left = 2;
		await runPatiently(async () => (left-- > 0 ? argv : []), spec);
		expect(await starts()).toBe(2);
	});
});

it("a digest that does not fit is final", async () => {
	const { argv, starts } = await program("echo 'E: Failed to fetch http://a.example/x  Hash Sum mismatch'; exit 100");
	expect(await complaintsOf(() => runPatiently(async () => argv, spec))).toEqual([expect.stringContaining("(hash mismatch)")]);
	expect(await starts()).toBe(1);
});

it("a failure that nobody knows is shown as it is", async () => {
	const { argv } = await program("echo 'E: odd'; exit 100");
	await expect(runPatiently(async () => argv, spec)).rejects.toBeInstanceOf(ToolError);
});

describe("silence", () => {
	it("ends a program that would wait for ever", async () => {
		const { argv, starts } = await program("echo 'Ign:1 http://a.example noble InRelease'; exec sleep 60");
		expect(await complaintsOf(() => runPatiently(async () => argv, { ...spec, stall: 1 }))).toEqual([
			expect.stringContaining("fetching: the archive sent nothing for 1 s; tried http://a.example"),
		]);
		expect(await starts()).toBe(1);
	});

	it("is none while bytes come", async () => {
		const dir = await folder({ part: "" });
		const { argv } = await program("exec sleep 3");
		let size = 0;
		const received = async () => {
			await writeFile(join(dir, "part"), "x".repeat(++size));
			return size;
		};
		await runPatiently(async () => argv, { ...spec, received, stall: 1.5 });
		expect(size).toBeGreaterThan(1);
	});

	it("is not what ^C is", async () => {
		const { argv } = await program("exec sleep 60");
		const signal = AbortSignal.timeout(200);
		await expect(runPatiently(async () => argv, { ...spec, signal })).rejects.toBeInstanceOf(Interrupted);
	});
});
