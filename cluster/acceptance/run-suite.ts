import { Interrupted, ToolError, UserError } from "../../core/errors.ts";
import { quote } from "../../core/process/quote.ts";
import { pasteable } from "../../core/process/run.ts";
import type { Check, Complaint, Group, GroupName, Suite, Verdict } from "./check.ts";

export interface Result {
	readonly group: GroupName;
	readonly name: string;
	readonly node?: string | undefined;
	readonly verdict: Verdict;
	readonly seconds: number;
}

/** Told of each check as it starts and ends. */
export interface Watcher {
	started?(check: Check): void;
	ended?(result: Result): void;
	/** What goes on within a check that takes minutes. */
	doing?(words: string): void;
	/** What the checks of a group have made could not be taken away. */
	leftBehind?(group: GroupName, why: Error): void;
}

/**
 * Runs the groups one after the other; within a group all nodes at once, unless it goes in turn. A check that throws has failed.
 * `limit` is the time allowed: what is not done when it fires has failed as well. @throws Interrupted when the user asks to stop.
 */
export async function runSuite(suite: Suite, groups: readonly Group[], watcher: Watcher, limit?: AbortSignal): Promise<Result[]> {
	const signal = limit ? AbortSignal.any([suite.signal, limit]) : suite.signal;
	const within: Suite = { ...suite, signal, doing: (words) => watcher.doing?.(words) };
	const results: Result[] = [];
	for (const group of groups) {
		try {
			results.push(...(await runGroup(group, within, watcher, suite.signal)));
		} finally {
			const cleaned = group.cleanUp?.({ ...suite, signal: new AbortController().signal });
			await cleaned?.catch((error) => watcher.leftBehind?.(group.name, error));
		}
	}
	return results;
}

/** Waits for all checks, also when one was interrupted: what it had begun comes to its end before anything is taken away. */
async function runGroup(group: Group, suite: Suite, watcher: Watcher, user: AbortSignal): Promise<Result[]> {
	const run = (check: Check) => runCheck(check, suite, watcher, user);
	const checks = group.checks(suite);
	const results: Result[] = [];
	if (group.inTurn) for (const check of checks) results.push(await run(check));
	else for (const ended of await Promise.allSettled(checks.map(run))) results.push(resultOf(ended));
	return results;
}

function resultOf(ended: PromiseSettledResult<Result>): Result {
	if (ended.status === "rejected") throw ended.reason;
	return ended.value;
}

async function runCheck(check: Check, suite: Suite, watcher: Watcher, user: AbortSignal): Promise<Result> {
	const { group, name, node } = check;
	watcher.started?.(check);
	const start = performance.now();
	const verdict = await judge(check, suite, user);
	const result = { group, name, node, verdict, seconds: (performance.now() - start) / 1000 };
	watcher.ended?.(result);
	return result;
}

async function judge(check: Check, suite: Suite, user: AbortSignal): Promise<Verdict> {
	try {
		suite.signal.throwIfAborted();
		return await check.run();
	} catch (error) {
		if (user.aborted) throw new Interrupted();
		const node = check.node ?? suite.controller.name;
		const complaint = suite.signal.aborted ? late() : broken(error as Error, suite, node);
		return { status: "failed", complaints: [{ node, command: `clusteros status ${quote(suite.dir)}`, ...complaint }] };
	}
}

function late(): Pick<Complaint, "expected" | "seen"> {
	return { expected: "done within the time allowed by --timeout", seen: "not done" };
}

/** A program that failed where a check did not reckon with it, or a node without an answer. */
function broken(error: Error, { dir }: Suite, node: string): Pick<Complaint, "expected" | "seen"> & Partial<Complaint> {
	const expected = "an answer";
	if (error instanceof UserError) return { expected, seen: error.message, fix: error.problems[0]?.fix };
	if (!(error instanceof ToolError)) return { expected, seen: error.message };
	const { tail, argv } = error.failure;
	// ssh's last word is what the node was to run, quoted for its shell: and so for anybody's.
	const command = argv[0] === "ssh" ? `clusteros exec ${quote(dir)} ${node} -- ${argv.at(-1)}` : pasteable(argv);
	return { expected, seen: [error.message, ...tail].join("\n"), command };
}
