import { exitCodeOf, Interrupted, UserError } from "../../core/errors.ts";
import type { CommandContext } from "./context.ts";
import { showError } from "./errors.ts";
import { makeProgram } from "./program.ts";
import { onInterrupt } from "./signals.ts";

/** Entry point of `clusteros`: parses, runs, and is the one place where an error becomes words and an exit code. */
async function main(argv: readonly string[]): Promise<number> {
	const context: CommandContext = { signal: onInterrupt(process) };
	try {
		const program = await makeProgram(argv, context);
		await program.parseAsync([...argv], { from: "user" });
		// A command that has printed bad news as its answer sets this.
		return Number(process.exitCode ?? 0);
	} catch (error) {
		const { usageError } = await import("./usage.ts");
		const shown = await orInterrupted(usageError(error), context.signal);
		if (shown === undefined) return 0;
		showError(shown, {
			json: argv.includes("--json"),
			logFile: context.logFile,
			command: argv.find((word) => !word.startsWith("-")),
		});
		return exitCodeOf(shown);
	}
}

/** Milliseconds in which our own ^C arrives when a program that it ended was faster. */
const ECHO = 100;

/** ^C goes to every process in the foreground: one that we wait for can fail of it before we have heard of it ourselves. */
async function orInterrupted(error: unknown, signal: AbortSignal): Promise<unknown> {
	const isOfItsOwn = error === undefined || (error instanceof UserError && error.kind !== "failed");
	if (isOfItsOwn) return error;
	if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, ECHO));
	return signal.aborted ? new Interrupted() : error;
}

// `clusteros ... | head` is no error.
for (const stream of [process.stdout, process.stderr]) {
	stream.on("error", (error: NodeJS.ErrnoException) => {
		if (error.code !== "EPIPE") throw error;
		process.exit(stream === process.stdout ? 0 : 1);
	});
}
// Not left to an empty event loop: a socket that somebody forgot must not keep a finished command alive.
process.exit(await main(process.argv.slice(2)));
