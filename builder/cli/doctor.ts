import { Command } from "commander";
import type { CommandContext } from "./context.ts";

interface DoctorOptions {
	readonly fix: boolean;
	readonly json: boolean;
	readonly cacheDir?: string;
}

/** `clusteros doctor`: what builds and test machines need, what of it is here, and the one command that installs the rest. */
export function doctorCommand(call: string, context: CommandContext): Command {
	return new Command("doctor")
		.description("name what this machine lacks for building, and install it")
		.option("--fix", "install the missing Debian or Ubuntu packages (as root, or through sudo without a password)", false)
		.option("--cache-dir <dir>", "the cache folder on whose disk builds work (default: ~/.cache/clusteros)")
		.option("--json", "print the result as JSON", false)
		.addHelpText(
			"after",
			`\nExamples:\n  ${call} doctor          what is here and what is missing\n  ${call} doctor --fix    install what is missing\n`,
		)
		.action(async (options: DoctorOptions) => (await import("./run-doctor.ts")).runDoctor(options, context));
}
