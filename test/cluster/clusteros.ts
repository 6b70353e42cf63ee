import { join } from "node:path";
import { type RunResult, run } from "../../core/process/run.ts";

export const PROGRAM = join(import.meta.dirname, "../../bin/clusteros.mjs");

/** Runs `clusteros` as a person does, and shows its progress; the exit code is the caller's to judge. */
export async function clusteros(...args: readonly string[]): Promise<RunResult> {
	return run([process.execPath, PROGRAM, ...args], {
		doing: `running clusteros ${args[0]}`,
		ok: Array.from({ length: 256 }, (_, code) => code),
		onLine: (line, from) => from === "stderr" && process.stderr.write(`${line}\n`),
	});
}

/** As {@link clusteros}, for what has to succeed. @throws Error with what it printed. */
export async function mustClusteros(...args: readonly string[]): Promise<RunResult> {
	const result = await clusteros(...args);
	if (result.exitCode === 0) return result;
	throw new Error(`clusteros ${args.join(" ")} ended with ${result.exitCode}:\n${result.stdout}\n${result.stderr}`);
}
