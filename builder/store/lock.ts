import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";
import type { Socket } from "node:net";
import spawn from "cross-spawn";
import { Interrupted, ToolError, UserError } from "../../core/errors.ts";
import { toolPath } from "../../core/process/run.ts";

/** Exit code by which flock(1) says that another holds the lock. */
const CONFLICT = 75;

export interface LockOptions {
	/** Readers share; makers and removers do not. */
	readonly shared?: boolean;
	readonly signal?: AbortSignal | undefined;
}

/** A held lock; disposing of it returns once the kernel has released it. */
export type Lock = AsyncDisposable;

/** Takes the lock if it is free at this moment. */
export function tryLock(file: string, options: LockOptions = {}): Promise<Lock | undefined> {
	return take(file, ["--nonblock"], options);
}

/**
 * Takes the lock, waiting as long as it takes; `onWait` is called once when it is not free at once.
 * @throws Interrupted when `signal` fires meanwhile.
 */
export async function waitLock(file: string, onWait: () => void, options: LockOptions = {}): Promise<Lock> {
	const free = await tryLock(file, options);
	if (free) return free;
	onWait();
	return (await take(file, [], options))!;
}

/**
 * The lock is held by a child, `flock --no-fork FILE cat`, whose input is a pipe from us: what we write comes back
 * once the lock is held, and when we end, in whatever way, the pipe closes, cat ends and the kernel lets go.
 */
async function take(file: string, flags: readonly string[], options: LockOptions): Promise<Lock | undefined> {
	if (options.signal?.aborted) throw new Interrupted();
	// flock(1) would make the file too, but here a full disk is an error with a code.
	await (await open(file, "a", 0o600)).close();
	const mode = options.shared ? "--shared" : "--exclusive";
	const argv = ["flock", mode, ...flags, "--no-fork", "--conflict-exit-code", String(CONFLICT), file, "cat"];
	// Detached: ^C goes to the whole foreground group, and the lock must outlive it until we have cleaned up.
	const env = { PATH: toolPath(), LC_ALL: "C.UTF-8" };
	const child = spawn(argv[0]!, argv.slice(1), { stdio: ["pipe", "pipe", "pipe"], detached: true, env });
	child.stdin!.on("error", () => {});
	child.stdin!.write("\n");
	const abort = () => child.kill("SIGKILL");
	options.signal?.addEventListener("abort", abort, { once: true });
	try {
		return (await isHeld(child, argv)) ? held(child) : undefined;
	} catch (error) {
		throw options.signal?.aborted ? new Interrupted() : error;
	} finally {
		options.signal?.removeEventListener("abort", abort);
	}
}

/** Whether the child got the lock (true) or found it taken (false). */
async function isHeld(child: ChildProcess, argv: readonly string[]): Promise<boolean> {
	let said = "";
	child.stderr!.on("data", (chunk: Buffer) => {
		said += chunk.toString();
	});
	const echoed = new Promise<"held">((resolve) => child.stdout!.once("data", () => resolve("held")));
	const ended = once(child, "close").catch((error: NodeJS.ErrnoException) => {
		if (error.code !== "ENOENT") throw error;
		throw new UserError("host", { message: "the program flock is missing", fix: "apt install util-linux" });
	});
	const outcome = await Promise.race([echoed, ended]);
	if (outcome === "held") return true;
	const [exitCode, signal] = outcome as [number | null, string | null];
	if (exitCode === CONFLICT) return false;
	throw new ToolError({ doing: "locking the cache", argv, exitCode, signal, tail: said.trim().split("\n") });
}

function held(child: ChildProcess): Lock {
	const handles = [child, child.stdin, child.stdout, child.stderr] as unknown as Socket[];
	// A lock that is still held must not keep a finished command from ending.
	for (const handle of handles) handle.unref();
	return {
		async [Symbol.asyncDispose]() {
			if (child.exitCode !== null || child.signalCode !== null) return;
			for (const handle of handles) handle.ref();
			const ended = once(child, "exit");
			child.stdin!.end();
			await ended;
		},
	};
}
