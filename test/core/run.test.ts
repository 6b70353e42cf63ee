import { describe, expect, it } from "vitest";
import { Interrupted, ToolError } from "../../core/errors.ts";
import { pasteable, run } from "../../core/process/run.ts";

describe("run", () => {
	it("captures both streams and passes each line on", async () => {
		const lines: string[] = [];
		const result = await run(["sh", "-c", "echo a; echo b >&2; echo c"], {
			doing: "testing",
			onLine: (line, from) => lines.push(`${from}:${line}`),
		});
		expect(result.stdout).toBe("a\nc");
		expect(result.stderr).toBe("b");
		expect(lines.toSorted()).toEqual(["stderr:b", "stdout:a", "stdout:c"]);
	});

	it("says what was being done, and the last lines, when the program fails", async () => {
		const error = await run(["sh", "-c", "seq 20; exit 3"], { doing: "counting" }).catch((e: unknown) => e);
		expect(error).toBeInstanceOf(ToolError);
		const { failure } = error as ToolError;
		expect(failure).toMatchObject({ doing: "counting", exitCode: 3 });
		expect(failure.tail).toEqual(["11", "12", "13", "14", "15", "16", "17", "18", "19", "20"]);
	});

	it("names a program that is not there", async () => {
		const error = await run(["no-such-program"], { doing: "trying" }).catch((e: unknown) => e);
		expect(error).toBeInstanceOf(ToolError);
		expect((error as ToolError).failure.tail.join()).toMatch(/ENOENT/);
	});

	it("ends the program when asked to stop", async () => {
		const stop = new AbortController();
		setTimeout(() => stop.abort(), 50);
		const before = Date.now();
		await expect(run(["sleep", "30"], { doing: "sleeping", signal: stop.signal })).rejects.toBeInstanceOf(Interrupted);
		expect(Date.now() - before).toBeLessThan(10_000);
	});

	it("keeps the caller's environment out when scrubbed", async () => {
		process.env.CLUSTEROS_LEAK = "1";
		const { stdout } = await run(["env"], { doing: "looking", scrub: true, env: { A: "b" } });
		delete process.env.CLUSTEROS_LEAK;
		expect(stdout.split("\n").toSorted()).toEqual(expect.arrayContaining(["A=b", "LC_ALL=C.UTF-8"]));
		expect(stdout).not.toContain("CLUSTEROS_LEAK");
	});
});

describe("pasteable", () => {
	it("quotes what a shell would take apart", () => {
		expect(pasteable(["echo", "it's", "a b", "plain-1.2"])).toBe("echo 'it'\\''s' 'a b' plain-1.2");
	});

	it("knows that a disk was full, however much was said after that", async () => {
		const script = "echo 'cp: No space left on device'; seq 100; exit 1";
		const error = await run(["sh", "-c", script], { doing: "copying" }).catch((e: unknown) => e);
		expect((error as ToolError).failure).toMatchObject({
			noSpace: true,
			tail: expect.not.arrayContaining(["cp: No space left on device"]),
		});
		const other = await run(["sh", "-c", "seq 100; exit 1"], { doing: "copying" }).catch((e: unknown) => e);
		expect((other as ToolError).failure).not.toHaveProperty("noSpace");
	});
});
