import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import spawn from "cross-spawn";
import { Interrupted, ToolError } from "../errors.ts";
import { toolPath } from "../process/run.ts";

interface Ended {
	readonly argv: readonly string[];
	readonly code: number | null;
	readonly signal: string | null;
	/** The end of what it said on standard error. */
	readonly said: string;
}

export interface PipeOptions {
	readonly doing: string;
	readonly signal?: AbortSignal | undefined;
	/** Takes the number of bytes that the second program has been given so far. */
	readonly onBytes?: ((bytes: number) => void) | undefined;
}

const MOST_SAID = 4000;
/** What a program says whose reader has gone: Node's pipes are sockets. An ssh that lost its connection does not speak of writing. */
const CLOSED = /Broken pipe|\bwrit(e|ing)\b.*Connection reset by peer/i;

/**
 * Runs two programs, the first one's output being the other's input, whatever its size: nothing of it is kept.
 * @throws ToolError of the one that failed (when both did, of the sender unless it only met a closed pipe); Interrupted.
 */
export async function pipe(
	from: readonly string[],
	to: readonly string[],
	{ doing, signal, onBytes }: PipeOptions,
): Promise<void> {
	if (signal?.aborted) throw new Interrupted();
	const sender = start(from, "ignore", "pipe");
	const receiver = start(to, "pipe", "ignore");
	if (onBytes) count(sender.stdout!, onBytes);
	// A receiver that ends early closes the sender's pipe, too; its exit code tells why.
	pipeline(sender.stdout!, receiver.stdin!).catch(() => {});
	const stop = () => [sender, receiver].map((child) => child.kill());
	signal?.addEventListener("abort", stop, { once: true });
	const [sent, received] = await Promise.all([end(sender, from), end(receiver, to)]);
	signal?.removeEventListener("abort", stop);
	if (signal?.aborted) throw new Interrupted();
	const metClosedPipe = received.code !== 0 && (sent.signal === "SIGPIPE" || CLOSED.test(sent.said));
	for (const ended of metClosedPipe ? [received] : [sent, received]) if (ended.code !== 0) throw failure(ended, doing);
}

function start(argv: readonly string[], stdin: "ignore" | "pipe", stdout: "ignore" | "pipe"): ChildProcess {
	const env = { ...process.env, PATH: toolPath(), LC_ALL: "C.UTF-8" };
	return spawn(argv[0]!, argv.slice(1), { stdio: [stdin, stdout, "pipe"], env });
}

/** Beside the pipeline, whose pauses hold here as well. */
function count(output: Readable, onBytes: (bytes: number) => void): void {
	let bytes = 0;
	output.on("data", (chunk: Buffer) => {
		bytes += chunk.length;
		onBytes(bytes);
	});
}

async function end(child: ChildProcess, argv: readonly string[]): Promise<Ended> {
	let said = "";
	child.stderr!.setEncoding("utf8").on("data", (text: string) => {
		said = (said + text).slice(-MOST_SAID);
	});
	return new Promise((resolve) => {
		child.on("error", (error) => resolve({ argv, code: null, signal: null, said: error.message }));
		child.on("close", (code, signal) => resolve({ argv, code, signal, said }));
	});
}

function failure({ argv, code, signal, said }: Ended, doing: string): ToolError {
	const tail = said.trim().split("\n").slice(-10);
	return new ToolError({ doing, argv, exitCode: code, signal, tail });
}
