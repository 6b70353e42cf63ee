import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** Folder of this checkout. */
export const ROOT = join(import.meta.dirname, "../../..");

export interface CliOptions {
	readonly cwd?: string;
	/** Added to ours; undefined takes a variable away. */
	readonly env?: NodeJS.ProcessEnv;
	/** Words before the command: `unshare --mount`, `runuser -u NAME --`. */
	readonly before?: readonly string[];
	/** Another copy of the package. */
	readonly root?: string;
	readonly node?: string;
}

export interface Ended {
	/** Exit code, or the signal's name. */
	readonly code: number | string;
	readonly stdout: string;
	readonly stderr: string;
}

/** A command that runs. It leads a process group of its own, as a shell's foreground job does, which ends with this. */
export interface Running extends AsyncDisposable {
	readonly pid: number;
	/** What it has said on stderr so far. */
	said(): string;
	/** Resolves once stderr holds this; throws when the command ends without. */
	saw(pattern: RegExp): Promise<void>;
	ended(): Promise<Ended>;
	/** To the command alone. */
	kill(signal: NodeJS.Signals): void;
	/** To the whole group, as a terminal does at ^C. */
	interrupt(): void;
}

/** Starts `clusteros ARGS` as a person does: the launcher, the bundle, an environment without colours. */
export function startCli(args: readonly string[], options: CliOptions = {}): Running {
	const { before = [], root = ROOT, node = process.execPath } = options;
	return startProgram([...before, node, join(root, "bin/clusteros.mjs"), ...args], options);
}

export function startProgram(argv: readonly string[], options: Pick<CliOptions, "cwd" | "env"> = {}): Running {
	const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, ...options.env };
	const child = spawn(argv[0]!, argv.slice(1), { cwd: options.cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
	let stdout = "";
	let stderr = "";
	child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
	child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
	const closed = once(child, "close") as Promise<[number | null, string | null]>;
	// Looked at in ended(); until then a program that cannot be started must not end the test run.
	closed.catch(() => {});
	const signalGroup = (signal: NodeJS.Signals) => {
		try {
			process.kill(-child.pid!, signal);
		} catch {
			// Gone already.
		}
	};
	const ended = async () => {
		const [code, signal] = await closed;
		return { code: code ?? signal!, stdout, stderr };
	};
	return {
		pid: child.pid!,
		said: () => stderr,
		saw: (pattern) =>
			saw(
				() => pattern.test(stderr),
				child,
				() => `${pattern} was not said, but:\n${stderr}${stdout}`,
			),
		ended,
		kill: (signal) => void child.kill(signal),
		interrupt: () => signalGroup("SIGINT"),
		[Symbol.asyncDispose]: async () => {
			if (child.exitCode === null && child.signalCode === null) signalGroup("SIGKILL");
			await closed.catch(() => {});
		},
	};
}

async function saw(isThere: () => boolean, child: ReturnType<typeof spawn>, complaint: () => string): Promise<void> {
	while (!isThere()) {
		if (child.exitCode !== null || child.signalCode !== null) throw new Error(complaint());
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}

/** Runs a command to its end. */
export async function cli(args: readonly string[], options: CliOptions = {}): Promise<Ended> {
	await using running = startCli(args, options);
	return await running.ended();
}
