import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { COMMANDS } from "./commands.ts";
import type { CommandContext } from "./context.ts";
import { packageRoot } from "./root.ts";

/** `clusteros` with the options of the command that `argv` names; the others are only listed, which keeps --help fast. */
export async function makeProgram(argv: readonly string[], context: CommandContext): Promise<Command> {
	const root = packageRoot();
	const call = existsSync(join(root, "builder/cli")) ? "npx clusteros" : "clusteros";
	const program = silent(new Command("clusteros"))
		.description("One image, N machines, one cluster: builds bootable images and tests them on real kernels.")
		.usage("COMMAND [options]")
		.version(versionOf(root), "-V, --version")
		.helpCommand("help [command]", "show help for a command")
		.addHelpText("after", overview(call));
	// "clusteros help build" needs build's options too.
	const named = argv.filter((word) => !word.startsWith("-")).slice(0, argv[0] === "help" ? 2 : 1);
	for (const { name, summary, load } of COMMANDS) {
		const command = named.includes(name) ? await load(call, context) : new Command(name).description(summary);
		program.addCommand(silent(command));
	}
	return program;
}

/** Errors are thrown, and shown by `main` alone. */
function silent(command: Command): Command {
	for (const each of command.commands) silent(each);
	return command.exitOverride().configureOutput({ outputError: () => {} });
}

function overview(call: string): string {
	const examples = COMMANDS.slice(0, 3).map(({ example, summary }) => `  ${call} ${example.join(" ")}`.padEnd(54) + summary);
	return `\nMost people need these first:\n${examples.join("\n")}\n`;
}

function versionOf(root: string): string {
	return JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version;
}
