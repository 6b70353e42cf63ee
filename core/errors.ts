/** The three kinds of error a command can end with, and what a person reads of each. */

/** A place in a file; line and column are 1-based. */
export interface Where {
	readonly file: string;
	readonly line?: number;
	readonly column?: number;
}

/** One thing that is wrong, where, and what mends it. `path` is the dotted key, as in `packages[3]`. */
export interface Problem {
	readonly message: string;
	readonly where?: Where | undefined;
	readonly path?: string | undefined;
	readonly fix?: string | undefined;
}

/**
 * Why a UserError was thrown. `usage` and `invalid`: the command or a file is wrong (exit 2);
 * `host`: this machine lacks something (exit 3); `failed`: the work was right but did not succeed (exit 1).
 */
export type UserErrorKind = "usage" | "invalid" | "host" | "failed";

/** An error that a person can cause and mend. Every problem carries its fix where one is known. */
export class UserError extends Error {
	override readonly name = "UserError";
	readonly kind: UserErrorKind;
	readonly problems: readonly Problem[];

	constructor(kind: UserErrorKind, problems: Problem | readonly Problem[]) {
		const list = Array.isArray(problems) ? (problems as readonly Problem[]) : [problems as Problem];
		super(list.map((p) => p.message).join("; "));
		this.kind = kind;
		this.problems = list;
	}
}

/** What is known of a program that failed. `tail` is the last lines it printed. */
export interface ToolFailure {
	readonly doing: string;
	readonly argv: readonly string[];
	readonly exitCode: number | null;
	readonly signal?: string | null;
	readonly tail: readonly string[];
	/** A line, be it long before the last ones, said that a disk is full. */
	readonly noSpace?: boolean;
	readonly fix?: string | undefined;
}

/** Another program failed. The message says what was being done; `failure` has the rest. */
export class ToolError extends Error {
	override readonly name = "ToolError";
	readonly failure: ToolFailure;

	constructor(failure: ToolFailure) {
		const how = failure.signal ? `was ended by ${failure.signal}` : `exited with ${failure.exitCode}`;
		super(`${failure.doing}: ${failure.argv[0]} ${how}`);
		this.failure = failure;
	}
}

/** A defect of ours: something that should not be able to happen did. */
export class InternalError extends Error {
	override readonly name = "InternalError";
}

/** ^C or SIGTERM: children have been told to stop. */
export class Interrupted extends Error {
	override readonly name = "Interrupted";
	constructor() {
		super("interrupted");
	}
}

/** Exit code of a command that ended with `error`: 1 failed, 2 usage or invalid input, 3 host lacks something, 130 interrupted. */
export function exitCodeOf(error: unknown): number {
	if (error instanceof Interrupted) return 130;
	if (error instanceof UserError) return { usage: 2, invalid: 2, host: 3, failed: 1 }[error.kind];
	return 1;
}
