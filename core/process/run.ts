import { Interrupted, ToolError } from "../errors.ts";
import { quote } from "./quote.ts";

/** How to run one program to its end. */
export interface RunOptions {
	/** What is being done, for the error message: "making the root filesystem". */
	readonly doing: string;
	readonly cwd?: string | undefined;
	/** The whole environment when `scrub` is set, else additions to ours. */
	readonly env?: Readonly<Record<string, string>> | undefined;
	/** Give the program only `env`, PATH and a C.UTF-8 locale: what the user's shell holds must not shape an image. */
	readonly scrub?: boolean | undefined;
	readonly input?: string | Uint8Array | undefined;
	/** Takes every line of both streams as it comes, for the log and for progress. */
	readonly onLine?: ((line: string, from: "stdout" | "stderr") => void) | undefined;
	/** Exit codes that are no failure; [0] by default. */
	readonly ok?: readonly number[] | undefined;
	/** Milliseconds after which the program is ended. */
	readonly timeout?: number | undefined;
	readonly signal?: AbortSignal | undefined;
	/** What mends the failure, where the caller knows it. */
	readonly fix?: string | undefined;
}

export interface RunResult {
	readonly stdout: string;
	readonly stderr: string;
	readonly exitCode: number;
}

const TAIL_LINES = 10;
/** The C locale's words for ENOSPC and EDQUOT. */
const NO_SPACE = /No space left on device|Disk quota exceeded/;
/** Where programs that only root has in PATH lie; Debian leaves these out of a user's PATH. */
const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Our PATH with the system folders added: mke2fs and sfdisk are not in a Debian user's own. */
export function toolPath(): string {
	return [...new Set([...(process.env.PATH ?? "").split(":"), ...SYSTEM_PATH.split(":")])].filter(Boolean).join(":");
}

/**
 * Runs a program to its end: argv only, never a shell. Both streams are drained and captured (as text).
 * @throws ToolError when it exits with a code that is not `ok`, cannot be started or times out; Interrupted when `signal` fires.
 */
export async function run(argv: readonly string[], options: RunOptions): Promise<RunResult> {
	const { execa } = await import("execa");
	const { signal, onLine } = options;
	if (signal?.aborted) throw new Interrupted();
	const base = { PATH: toolPath(), LC_ALL: "C.UTF-8" };
	const child = execa(argv[0]!, argv.slice(1), {
		...(options.cwd === undefined ? {} : { cwd: options.cwd }),
		env: { ...base, ...options.env },
		extendEnv: !options.scrub,
		...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
		...(options.timeout === undefined ? {} : { timeout: options.timeout }),
		...(signal ? { cancelSignal: signal } : {}),
		forceKillAfterDelay: 5000,
		reject: false,
		maxBuffer: 512 * 1024 * 1024,
	});
	const tail: string[] = [];
	let noSpace = false;
	const watch = async (from: "stdout" | "stderr") => {
		for await (const line of child.iterable({ from })) {
			tail.push(line as string);
			if (tail.length > TAIL_LINES) tail.shift();
			noSpace ||= NO_SPACE.test(line as string);
			onLine?.(line as string, from);
		}
	};
	const [result] = await Promise.all([child, watch("stdout").catch(() => {}), watch("stderr").catch(() => {})]);
	if (signal?.aborted) throw new Interrupted();
	const exitCode = result.exitCode ?? null;
	if (exitCode === null || !(options.ok ?? [0]).includes(exitCode)) {
		if (tail.length === 0 && result.shortMessage && exitCode === null) tail.push(result.shortMessage);
		const said = { tail, ...(noSpace ? { noSpace } : {}) };
		throw new ToolError({ doing: options.doing, argv, exitCode, signal: result.signal ?? null, ...said, fix: options.fix });
	}
	return { stdout: result.stdout ?? "", stderr: result.stderr ?? "", exitCode };
}

/** The command as it can be pasted into a shell. */
export function pasteable(argv: readonly string[]): string {
	return argv.map(quote).join(" ");
}
