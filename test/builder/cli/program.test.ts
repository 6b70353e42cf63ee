import { describe, expect, it, vi } from "vitest";
import { type BuildOptions, buildCommand } from "../../../builder/cli/build-options.ts";
import { COMMANDS } from "../../../builder/cli/commands.ts";
import { makeProgram } from "../../../builder/cli/program.ts";
import { usageError } from "../../../builder/cli/usage.ts";
import { UserError } from "../../../core/errors.ts";

const context = { signal: new AbortController().signal };

/** What `clusteros ARGS` ends with before it runs anything. */
async function usage(...args: string[]) {
	try {
		await (await makeProgram(args, context)).parseAsync(args, { from: "user" });
	} catch (error) {
		return usageError(error);
	}
	throw new Error("it was accepted");
}

async function built(...args: string[]): Promise<BuildOptions> {
	const run = vi.fn(async () => {});
	await buildCommand("clusteros", context, async () => run)
		.exitOverride()
		.parseAsync(args, { from: "user" });
	expect(run).toHaveBeenCalledOnce();
	return (run.mock.calls as unknown as [BuildOptions][])[0]![0];
}

describe("usage errors", () => {
	it.each([
		[["biuld"], /unknown command 'biuld'/, /Did you mean build\?/],
		[["build", "--fromat", "raw"], /unknown option '--fromat'/, /Did you mean --format\?/],
		[["build"], /--profile is missing/, /build --profile slurm/],
		[["build", "-p", "x", "--arch", "arm64"], /arm64 images are not made yet/, /./],
		[["build", "-p", "x", "--arch", "mips"], /Known architectures: amd64/, /./],
		[["build", "-p", "x", "--set", "size"], /key=value/, /./],
		[["build", "-p", "x", "--mirror", "mirror.example"], /http:\/\//, /./],
		[["build", "-p", "x", "--trust-k3s", "deadbeef"], /A SHA-256 is wanted/, /./],
		[["build", "-p", "x", "--format", "raw,"], /A list such as/, /./],
		[["build", "-p", "x", "more"], /too many arguments/, /./],
		[["cache", "purne"], /unknown command 'purne'/, /prune/],
	])("%j", async (args, message, fix) => {
		const error = await usage(...args);
		expect(error).toBeInstanceOf(UserError);
		const { kind, problems } = error as UserError;
		expect(kind).toBe("usage");
		expect(problems[0]!.message).toMatch(message);
		expect(problems[0]!.fix).toMatch(fix);
	});
});

describe("build", () => {
	it("has a value for every switch and list", async () => {
		expect(await built("-p", "slurm")).toEqual({
			profile: "slurm",
			out: "out",
			set: [],
			trustK3s: [],
			arch: "amd64",
			plan: false,
			explain: false,
			json: false,
			cache: true,
			refresh: false,
			profiles: [],
			install: true,
			verbose: false,
		});
	});

	it("collects what may be repeated", async () => {
		const args = ["-p", "slurm", "--set", "a=b=c", "--set", "d+=e", "--profiles", "x", "--profiles", "y"];
		const options = await built(...args, "--format", "qcow2, raw,qcow2", "--no-cache", "--no-install");
		expect(options).toMatchObject({ set: ["a=b=c", "d+=e"], profiles: ["x", "y"], format: ["qcow2", "raw"] });
		expect(options).toMatchObject({ cache: false, install: false });
	});
});

describe("help", () => {
	it("shows examples that parse as typed", async () => {
		for (const { name, example } of COMMANDS) {
			const program = await makeProgram(example, context);
			const command = program.commands.find((one) => one.name() === name)!;
			const action = vi.fn();
			for (const leaf of [command, ...command.commands]) leaf.action(action);
			await program.parseAsync([...example], { from: "user" });
			expect(action).toHaveBeenCalledOnce();
		}
	});
});
