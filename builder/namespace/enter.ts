import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Interrupted, ToolError, UserError } from "../../core/errors.ts";
import { toolPath } from "../../core/process/run.ts";
import type { Answers, Event, Job } from "../inside/jobs.ts";
import { revive } from "./revive.ts";

/** The one way in: runs a job in a namespace of its own and answers with its result. */

export interface InsideOptions {
	readonly signal?: AbortSignal | undefined;
	readonly log?: ((line: string) => void) | undefined;
	readonly progress?: ((at: { fraction?: number | undefined; text?: string | undefined }) => void) | undefined;
}

/**
 * Root takes private mounts, processes and network (none); a user takes a user namespace besides, in which its own id
 * is root and its subordinate ids (/etc/subuid) are the others. `--kill-child` ends all of it with us.
 */
export function unshareArgs(uid: number): string[] {
	const user = uid === 0 ? [] : ["--user", "--map-root-user", "--map-auto"];
	return ["unshare", ...user, "--mount", "--pid", "--net", "--ipc", "--fork", "--kill-child=KILL"];
}

/** Where the bundled inside process lies: beside the bundle that runs now, or in `dist` of a checkout under test. */
export function insideScript(): string {
	const here = fileURLToPath(import.meta.url);
	return here.endsWith(".ts")
		? fileURLToPath(new URL("../../dist/inside.js", import.meta.url))
		: fileURLToPath(new URL("inside.js", import.meta.url));
}

/**
 * Runs one job inside. A ^C (`signal`) ends the namespace and everything in it.
 * @throws what the job threw: UserError, ToolError, Interrupted; UserError of kind `host` when no namespace can be made.
 */
export async function inside<K extends Job["kind"]>(
	job: Extract<Job, { kind: K }>,
	options: InsideOptions = {},
): Promise<Answers[K]> {
	if (options.signal?.aborted) throw new Interrupted();
	const { default: spawn } = await import("cross-spawn");
	const argv = [...unshareArgs(process.getuid!()), process.execPath, insideScript()];
	const child = spawn(argv[0]!, argv.slice(1), { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, PATH: toolPath() } });
	const stop = () => child.kill("SIGKILL");
	options.signal?.addEventListener("abort", stop, { once: true });
	const said: string[] = [];
	createInterface({ input: child.stderr! }).on("line", (line) => said.push(line));
	let last: Event | undefined;
	createInterface({ input: child.stdout! }).on("line", (line) => {
		const event = JSON.parse(line) as Event;
		if (event.type === "log") options.log?.(event.line);
		else if (event.type === "progress") options.progress?.(event);
		else {
			last = event;
			child.stdin!.end();
		}
	});
	child.stdin!.on("error", () => {});
	// Left open: its end tells the inside that we are gone.
	child.stdin!.write(`${JSON.stringify(job)}\n`);
	const exitCode = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
	options.signal?.removeEventListener("abort", stop);
	if (options.signal?.aborted) throw new Interrupted();
	if (last?.type === "answer") return last.answer as Answers[K];
	if (last?.type === "error") throw revive(last.error);
	throw noNamespace(argv, exitCode, said);
}

function noNamespace(argv: readonly string[], exitCode: number | null, said: readonly string[]): Error {
	if (said.some((line) => /^unshare: /.test(line)) || said.some((line) => /newuidmap|newgidmap/.test(line))) {
		return new UserError("host", {
			message: `this machine does not let us make a namespace: ${said.join("; ")}`,
			fix: "clusteros doctor tells what is missing (uidmap, /etc/subuid, or Ubuntu's kernel.apparmor_restrict_unprivileged_userns)",
		});
	}
	return new ToolError({ doing: "running a build step in its namespace", argv, exitCode, tail: said.slice(-10) });
}
