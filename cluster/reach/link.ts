import { setTimeout as sleep } from "node:timers/promises";
import { Interrupted, ToolError } from "../../core/errors.ts";
import { type RunResult, run } from "../../core/process/run.ts";
import { closeSsh, isConnected, type SshTarget, sshArgv, sshRun } from "../../core/ssh/ssh.ts";
import type { Link, LinkOptions } from "./types.ts";
import { Unreachable, unreachable } from "./unreachable.ts";

/** ssh's own exit code; a command may end with it as well. */
const SSH_FAILED = 255;
/** What a node's shell says before it becomes the command: that there is a connection, and whom to end. */
const STARTED = /^clusteros-pid (\d+)$/;
const START = `echo "clusteros-pid $$" >&2; exec "$@"`;
/** sshd gives each command a process group of its own, led by the shell that became the command. */
const END = `kill -TERM "-$1" || exit 0
for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 "-$1" 2>/dev/null || exit 0; sleep 0.2; done
kill -KILL "-$1"`;
/** Milliseconds in which our own ^C arrives when ssh, which gets it from the terminal too, was faster. */
const ECHO = 100;
const ANY = Array.from({ length: 256 }, (_, code) => code);
/** ssh's words when a connection that had carried a command is lost. */
const BROKEN = /closed by remote host|Connection reset|Broken pipe|not responding|read from master failed|Connection closed/;

interface Node {
	readonly name: string;
	readonly dir: string;
	readonly via: "qemu" | "ssh";
	readonly target: SshTarget;
}

/** A link over ssh. */
export function sshLink(node: Node): Link {
	return { name: node.name, via: node.via, target: node.target, run: (argv, options = {}) => runOn(node, argv, options) };
}

/** The words that run `argv` as another user. Their home folder comes first: ours may be closed to them, and SLURM's jobs start in it. */
export function asUser(argv: readonly string[], user: string | undefined, login: string): readonly string[] {
	if (user === undefined || user === login) return argv;
	if (user === "root") return ["sudo", "-n", "--", ...argv];
	return ["sudo", "-n", "-H", "-u", user, "--", "sh", "-c", 'cd; exec "$@"', "sh", ...argv];
}

/** The shared connection was gone, or ended by somebody else, before the command could start: ssh then ends without a word of its own. */
class Stale extends Error {}

async function runOn(node: Node, argv: readonly string[], options: LinkOptions): Promise<RunResult> {
	for (let attempt = 1; ; attempt++) {
		try {
			return await runOnce(node, argv, options);
		} catch (error) {
			if (!(error instanceof Stale)) throw error;
			if (attempt === 2) throw unreachable({ ...node, node: node.name }, []);
		}
	}
}

async function runOnce(node: Node, argv: readonly string[], options: LinkOptions): Promise<RunResult> {
	const { as, input, timeout, signal } = options;
	if (signal?.aborted) throw new Interrupted();
	const doing = options.doing ?? `running ${argv[0]} on ${node.name}`;
	const command = asUser(argv, as, node.target.user);
	const shown = sshArgv(node.target, command);
	const ear = new Ear(options.onLine);
	const local = new AbortController();
	const words = ["exec", "sh", "-c", START, "sh", ...command];
	const running = run(sshArgv(node.target, words), { doing, input, signal: local.signal, onLine: ear.hear, ok: ANY });
	const how = await endOf(running, timeout, signal);
	if (how === "ended") {
		const result = await running;
		if (result.exitCode === SSH_FAILED) await checkConnection(node, ear, signal);
		return judge({ ...result, stderr: withoutMark(result.stderr) }, shown, { ...options, doing });
	}
	await stop(node, running, local, ear.pid, as);
	if (how === "interrupted") throw new Interrupted();
	const tail = [...ear.said, `it did not end within ${timeout! / 1000} s`];
	throw new ToolError({ doing, argv: shown, exitCode: null, signal: "SIGTERM", tail });
}

/** How a run ends: by itself, because time is up, or because `signal` fires. */
async function endOf(
	running: Promise<unknown>,
	timeout: number | undefined,
	signal: AbortSignal | undefined,
): Promise<"ended" | "late" | "interrupted"> {
	return new Promise((resolve) => {
		const interrupted = () => resolve("interrupted");
		const timer = timeout === undefined ? undefined : setTimeout(() => resolve("late"), timeout);
		signal?.addEventListener("abort", interrupted);
		const ended = () => {
			clearTimeout(timer);
			signal?.removeEventListener("abort", interrupted);
			resolve("ended");
		};
		running.then(ended, ended);
	});
}

/**
 * Ends a command there, then our own client. A client that shares its connection has given its output to the process that
 * holds the connection, which keeps it open as long as the command there runs, whatever becomes of the client.
 */
async function stop(
	node: Node,
	running: Promise<unknown>,
	local: AbortController,
	pid: string | undefined,
	as: string | undefined,
): Promise<void> {
	if (pid !== undefined) await endThere(node, pid, as);
	local.abort();
	const settled = running.then(
		() => true,
		() => true,
	);
	if (await Promise.race([settled, sleep(500, false)])) return;
	await closeSsh(node.target).catch(() => {});
	await settled;
}

/** Hears what comes from the node, and keeps the mark and the last words to itself. */
class Ear {
	/** Of the command's process group there; undefined until it has started. */
	pid: string | undefined;
	readonly said: string[] = [];
	readonly #onLine: LinkOptions["onLine"];

	constructor(onLine: LinkOptions["onLine"]) {
		this.#onLine = onLine;
	}

	readonly hear = (line: string, from: "stdout" | "stderr"): void => {
		const started = this.pid === undefined && from === "stderr" ? STARTED.exec(line) : null;
		if (started) {
			this.pid = started[1];
			return;
		}
		if (from === "stderr") this.said.splice(0, Math.max(0, this.said.push(line) - 10));
		// What comes on standard error before the mark is ssh's own: it gets into the error.
		if (this.pid !== undefined || from === "stdout") this.#onLine?.(line, from);
	};
}

/** Tells ssh's own failure from that of a command that ended with the same code. */
async function checkConnection(node: Node, { pid, said }: Ear, signal: AbortSignal | undefined): Promise<void> {
	if (signal) await sleep(ECHO);
	if (signal?.aborted) throw new Interrupted();
	if (pid === undefined)
		throw said.every((line) => line.startsWith("mux_client")) ? new Stale() : unreachable({ ...node, node: node.name }, said);
	const words = said.findLast((line) => BROKEN.test(line));
	// Over a shared connection ssh says nothing when it breaks.
	const isLost = words !== undefined || (node.target.control !== undefined && !(await isConnected(node.target)));
	if (isLost) throw new Unreachable(node.name, "broken", `the connection broke${words ? `: ${words.trim()}` : ""}`);
}

function judge(result: RunResult, argv: readonly string[], { ok = [0], doing }: LinkOptions & { doing: string }): RunResult {
	const { exitCode, stdout, stderr } = result;
	if (ok === "any" || ok.includes(exitCode)) return result;
	const tail = `${stdout}\n${stderr}`.trim().split("\n").slice(-10);
	throw new ToolError({ doing, argv, exitCode, tail });
}

/** Over a connection of its own: the shared one may be what hangs. */
async function endThere({ target }: Node, pid: string, as: string | undefined): Promise<void> {
	const command = asUser(["sh", "-c", END, "sh", pid], as === undefined ? undefined : "root", target.user);
	await sshRun({ ...target, control: undefined }, command, { timeout: 15_000, ok: ANY }).catch(() => {});
}

function withoutMark(stderr: string): string {
	const lines = stderr.split("\n");
	const at = lines.findIndex((line) => STARTED.test(line));
	return at === -1 ? stderr : lines.toSpliced(at, 1).join("\n");
}
