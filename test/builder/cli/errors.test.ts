import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { showError } from "../../../builder/cli/errors.ts";
import { InternalError, ToolError, UserError } from "../../../core/errors.ts";

function shown(error: unknown, options: { json?: boolean; logFile?: string; command?: string } = {}) {
	const stdout = new PassThrough();
	const stderr = new PassThrough();
	showError(error, { json: false, ...options, stdout, stderr, env: {} });
	return { out: String(stdout.read() ?? ""), err: String(stderr.read() ?? "") };
}

const problems = [
	{
		message: 'no package "slrum-client" in debian-13',
		where: { file: "profiles/slurm.toml", line: 14, column: 3 },
		path: "packages[3]",
		fix: 'did you mean "slurm-client"?',
	},
	{ message: 'unknown key "overlay"', where: { file: "profiles/slurm.toml", line: 21, column: 1 } },
];
const failure = {
	doing: "making the root filesystem",
	argv: ["mke2fs", "-d", "a b", "disk.raw"],
	exitCode: 1,
	tail: ["mke2fs: no space", "giving up"],
};

describe("in words", () => {
	it.each([
		["build", "failed", "1 problem; nothing was built.\n"],
		["up", "invalid", "1 problem; nothing was done.\n"],
		["up", "failed", "error: no\n"],
	] as const)("ends the problems of %s (%s) with what is known to be undone", (command, kind, end) => {
		expect(shown(new UserError(kind, { message: "no" }), { command }).err.endsWith(end)).toBe(true);
	});

	it("shows every problem where it is, with its fix below", () => {
		expect(shown(new UserError("invalid", problems)).err).toBe(
			[
				'profiles/slurm.toml:14:3  packages[3]: no package "slrum-client" in debian-13',
				'                          did you mean "slurm-client"?',
				'profiles/slurm.toml:21:1  unknown key "overlay"',
				"2 problems; nothing was built.\n",
			].join("\n"),
		);
	});

	it("shows what a program said, how to run it by hand, and where the whole log is", () => {
		expect(shown(new ToolError(failure), { logFile: "/cache/logs/1.log" }).err).toBe(
			[
				"error: making the root filesystem: mke2fs exited with 1",
				"  | mke2fs: no space",
				"  | giving up",
				"command:  mke2fs -d 'a b' disk.raw",
				"log:      /cache/logs/1.log\n",
			].join("\n"),
		);
	});

	it("owns up to a defect; the stack is shown only when no log has it", () => {
		const error = new InternalError("no such step");
		expect(shown(error, { logFile: "/cache/1.log" }).err).toMatch(
			/defect of ClusterOS.*no such step\nlog: +\/cache\/1\.log.*\n$/,
		);
		expect(shown(error).err).toContain("errors.test.ts");
	});
});

describe("as JSON", () => {
	it("is one document on standard output, nothing on the other", () => {
		const { out, err } = shown(new UserError("host", problems), { json: true });
		expect(JSON.parse(out)).toMatchObject({ version: 1, error: { kind: "host", problems } });
		expect(err).toBe("");
	});

	it("has the command ready to paste", () => {
		const { out } = shown(new ToolError(failure), { json: true, logFile: "/l" });
		expect(JSON.parse(out).error).toMatchObject({
			kind: "tool",
			failure: { ...failure, command: "mke2fs -d 'a b' disk.raw" },
			log: "/l",
		});
	});
});
