import type { Writable } from "node:stream";
import { Interrupted, type Problem, ToolError, UserError } from "../../core/errors.ts";
import { pasteable } from "../../core/process/run.ts";
import { makePaint, type Paint } from "../ui/paint.ts";

/** Where an error goes and what is known around it. */
export interface ShowOptions {
	/** One JSON document on `stdout` in place of words on `stderr`. */
	readonly json: boolean;
	readonly logFile?: string | undefined;
	/** The command that failed: "build" ends its problems with what it means for the image. */
	readonly command?: string | undefined;
	readonly stdout?: Writable;
	readonly stderr?: Writable & { isTTY?: boolean };
	readonly env?: NodeJS.ProcessEnv;
}

/** Shows an error as its kind deserves: what mends it, what to paste, or that it is our defect. */
export function showError(error: unknown, options: ShowOptions): void {
	const { json, logFile, command, stdout = process.stdout, stderr = process.stderr, env = process.env } = options;
	if (json) stdout.write(`${JSON.stringify({ version: 1, error: errorDocument(error, logFile) }, null, "\t")}\n`);
	else stderr.write(`${words(error, { logFile, command }, makePaint(stderr, env)).join("\n")}\n`);
}

type About = Pick<ShowOptions, "logFile" | "command">;

function words(error: unknown, { logFile, command }: About, paint: Paint): string[] {
	if (error instanceof UserError) return userWords(error, command, paint);
	if (error instanceof ToolError) return toolWords(error, logFile, paint);
	if (error instanceof Interrupted) return ["Interrupted; nothing is left half-made."];
	return defectWords(error, logFile, paint);
}

/** `file:line:column  path: message`, and the fix below where the message starts. */
function userWords({ problems, kind }: UserError, command: string | undefined, paint: Paint): string[] {
	const lines = problems.flatMap((problem) => problemWords(problem, paint));
	const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
	const end = outcome(kind, command);
	return end === undefined ? lines : [...lines, paint("strong", `${count}; ${end}.`)];
}

/** What is known to be left undone. A cluster command that failed on its way may have done some of it, and says so itself. */
function outcome(kind: UserError["kind"], command: string | undefined): string | undefined {
	if (kind === "usage") return undefined;
	if (command === undefined || command === "build") return "nothing was built";
	return kind === "failed" ? undefined : "nothing was done";
}

function problemWords({ message, where, path, fix }: Problem, paint: Paint): string[] {
	const place = where ? [where.file, where.line, where.column].filter((part) => part !== undefined).join(":") : "";
	const indent = place === "" ? "  " : " ".repeat(place.length + 2);
	const head = place === "" ? paint("bad", "error: ") : `${paint("strong", place)}  `;
	const what = `${head}${path === undefined ? "" : `${path}: `}${message}`;
	return fix === undefined ? [what] : [what, ...fix.split("\n").map((line) => indent + line)];
}

function toolWords({ message, failure }: ToolError, logFile: string | undefined, paint: Paint): string[] {
	const tail = failure.tail.map((line) => `  ${paint("dim", "|")} ${line}`);
	return [
		`${paint("bad", "error:")} ${message}`,
		...tail,
		`command:  ${pasteable(failure.argv)}`,
		...(failure.fix === undefined ? [] : [`fix:      ${failure.fix}`]),
		...(logFile === undefined ? [] : [`log:      ${logFile}`]),
	];
}

/** With a log, that is where the stack is: it says nothing to who only wants an image. */
function defectWords(error: unknown, logFile: string | undefined, paint: Paint): string[] {
	const message = error instanceof Error ? error.message : String(error);
	const stack = error instanceof Error && error.stack ? error.stack : message;
	const head = `${paint("bad", "This is a defect of ClusterOS, not of your input:")} ${message}`;
	return logFile === undefined ? [head, stack] : [head, `log:      ${logFile}   (please send it with the report)`];
}

function errorDocument(error: unknown, log: string | undefined): object {
	if (error instanceof UserError) return { kind: error.kind, message: error.message, problems: error.problems, log };
	if (error instanceof ToolError) {
		const command = pasteable(error.failure.argv);
		return { kind: "tool", message: error.message, failure: { ...error.failure, command }, log };
	}
	if (error instanceof Interrupted) return { kind: "interrupted", message: error.message, log };
	return { kind: "internal", message: String((error as Error)?.message ?? error), stack: (error as Error)?.stack, log };
}
