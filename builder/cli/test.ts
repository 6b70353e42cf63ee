import { accessSync, constants } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Check, Group, Suite } from "../../cluster/acceptance/check.ts";
import { groupsNamed } from "../../cluster/acceptance/groups.ts";
import { document } from "../../cluster/acceptance/report/document.ts";
import { junit } from "../../cluster/acceptance/report/junit.ts";
import { type Result, runSuite } from "../../cluster/acceptance/run-suite.ts";
import { openSuite, refuseWithJobs } from "../../cluster/acceptance/suite.ts";
import { openReach } from "../../cluster/reach/open.ts";
import { UserError } from "../../core/errors.ts";
import { makeReporter } from "../ui/make-reporter.ts";
import { makePaint } from "../ui/paint.ts";
import type { Reporter } from "../ui/reporter.ts";
import type { CommandContext } from "./context.ts";
import type { TestOptions } from "./test-options.ts";
import { testWords } from "./test-words.ts";

/** Checks the cluster in `dir` and prints what came out; exit code 1 when a check failed. */
export async function runTest(dir: string, options: TestOptions, context: CommandContext): Promise<void> {
	const groups = groupsNamed(options.group);
	if (options.junit !== undefined) writableFolder(options.junit);
	const reached = await openReach(dir);
	const reporter = makeReporter({ json: options.json });
	try {
		const suite = await openSuite(reached, { dir, reboot: options.reboot, signal: context.signal });
		const reboots = options.reboot && groups.some(({ name }) => name === "identity");
		if (reboots) await refuseWithJobs(suite);
		const start = performance.now();
		const results = await watched(suite, groups, reporter, options.timeout);
		const seconds = (performance.now() - start) / 1000;
		const leftOut = options.reboot ? [] : ["identity: the reboots (--no-reboot)"];
		if (options.junit !== undefined) await writeFile(options.junit, junit(results, seconds));
		const words = () => testWords(results, seconds, leftOut, makePaint(process.stdout, process.env));
		process.stdout.write(`${options.json ? JSON.stringify(document(results, seconds, leftOut), null, "\t") : words()}\n`);
		if (results.some(({ verdict }) => verdict.status === "failed")) process.exitCode = 1;
	} finally {
		reporter.close();
		await reached.close();
	}
}

/** One step on the screen: how many checks are done, and which is under way. */
async function watched(suite: Suite, groups: readonly Group[], reporter: Reporter, timeout?: number): Promise<Result[]> {
	const total = groups.reduce((sum, group) => sum + group.checks(suite).length, 0);
	const step = reporter.step("checks");
	let done = 0;
	const doing = (words: string) => step.progress({ fraction: done / total, text: `${done} of ${total} · ${words}` });
	const show = ({ group, name }: Pick<Check, "group" | "name">) => doing(`${group} ${name}`);
	const ended = (result: Result) => {
		done++;
		show(result);
	};
	const leftBehind = (group: string, why: Error) =>
		reporter.warn(`${group}: what the checks have made is still there: ${why.message}`);
	const limit = timeout === undefined ? undefined : AbortSignal.timeout(timeout * 1000);
	try {
		const results = await runSuite(suite, groups, { started: show, ended, doing, leftBehind }, limit);
		step.done(`${done} of ${total}`);
		return results;
	} catch (error) {
		step.failed(`stopped after ${done} of ${total}`);
		throw error;
	}
}

/** Said before the work, not after it. */
function writableFolder(file: string): void {
	try {
		accessSync(dirname(file), constants.W_OK);
	} catch {
		const fix = "name a file in a folder that is there";
		throw new UserError("usage", { message: `--junit: nothing can be written to ${dirname(file)}`, fix });
	}
}
