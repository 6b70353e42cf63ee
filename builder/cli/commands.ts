import type { Command } from "commander";
import type { CommandContext } from "./context.ts";

/** A command of `clusteros`: what the overview says of it, and how to get at its options. */
export interface CommandEntry {
	readonly name: string;
	readonly summary: string;
	/** Arguments of an example that works as typed. */
	readonly example: readonly string[];
	/** Loads the command's options; what it does is loaded later still. */
	load(call: string, context: CommandContext): Promise<Command>;
}

/** In the order in which people need them. */
export const COMMANDS: readonly CommandEntry[] = [
	{
		name: "build",
		summary: "build a bootable image from a profile",
		example: ["build", "--profile", "slurm", "--base", "auto"],
		load: async (call, context) => {
			const { buildCommand } = await import("./build-options.ts");
			return buildCommand(call, context, async () => (await import("./build.ts")).runBuild);
		},
	},
	{
		name: "test",
		summary: "check a running cluster: network, keys, SLURM jobs",
		example: ["test", "lab"],
		load: async (call, context) => {
			const { testCommand } = await import("./test-options.ts");
			return testCommand(call, context, async () => (await import("./test.ts")).runTest);
		},
	},
	{
		name: "init",
		summary: "describe a new cluster: its nodes, users and keys",
		example: ["init", "lab", "--nodes", "5"],
		load: async (call, context) => (await import("./init-options.ts")).initCommand(call, context),
	},
	{
		name: "doctor",
		summary: "name what this machine lacks for building, and install it",
		example: ["doctor", "--fix"],
		load: async (call, context) => (await import("./doctor.ts")).doctorCommand(call, context),
	},
	{
		name: "cache",
		summary: "look at and tidy what builds leave for later builds",
		example: ["cache", "ls"],
		load: async (_call, context) => {
			const [{ cacheCommand }, { namespaceTrees }] = await Promise.all([import("./cache.ts"), import("../namespace/trees.ts")]);
			return cacheCommand(() => namespaceTrees(context.signal));
		},
	},
];
