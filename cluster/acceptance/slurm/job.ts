import { poll } from "../../../core/deadline.ts";
import type { LinkOptions } from "../../reach/types.ts";
import { patience, type Suite, type Verdict } from "../check.ts";
import { shownBy } from "../verdict.ts";

/** Every job of ours has this name, by which people recognise it and what is left of one is removed. */
export const JOB_NAME = "clusteros-test";

/** Seconds on metal from a job's submission to its end, for jobs that do nothing to speak of. */
const JOB = 15;
/** Minutes after which SLURM itself ends one. */
const LIMIT = 10;

/** States that a job does not leave any more (squeue(1)). */
const ENDED = /^(COMPLETED|CANCELLED|FAILED|TIMEOUT|OUT_OF_MEMORY|NODE_FAIL|BOOT_FAIL|DEADLINE|PREEMPTED)/;

/** What SLURM says of a job, or of one task of an array. */
export interface JobRecord {
	readonly state: string;
	readonly reason: string;
	/** Where the batch script runs or ran. */
	readonly host: string;
}

/** Runs one of SLURM's programs on the controller, as whoever ssh logs in: looking is everybody's right. */
export async function slurm(suite: Suite, argv: readonly string[], options: LinkOptions = {}): Promise<string> {
	const limits = { timeout: patience(suite, JOB), signal: suite.signal };
	return (await suite.controller.link.run(argv, { ...limits, ...options })).stdout.trim();
}

/** As {@link slurm}, as the ordinary user whose jobs they are. */
export async function asUser(suite: Suite, argv: readonly string[], options: LinkOptions = {}): Promise<string> {
	return slurm(suite, argv, { as: suite.user, ...options });
}

/** Looks again and again while a job's state changes; each look costs an emulated controller half a second of its processor. */
export async function pollSlurm<T>(suite: Suite, look: () => Promise<T | undefined>, seconds: number): Promise<T | undefined> {
	const every = Math.min(1000, patience(suite, 0.1));
	return poll(look, { timeout: patience(suite, seconds), every, signal: suite.signal });
}

/** Submits a script and returns the job's number. `output` goes to the user's home folder on the node where it runs. */
async function submit(suite: Suite, script: string, options: readonly string[] = []): Promise<string> {
	const common = ["--parsable", `--job-name=${JOB_NAME}`, `--time=${LIMIT}`, "--output=/dev/null"];
	return asUser(suite, ["sbatch", ...common, ...options, `--wrap=${script}`]);
}

/** All that SLURM knows of a job: one record, or one for each task of an array. It forgets a job 5 minutes after its end (MinJobAge). */
async function records(suite: Suite, id: string): Promise<JobRecord[]> {
	const lines = (await slurm(suite, ["scontrol", "show", "job", "--oneliner", id])).split("\n");
	const field = (line: string, name: string) => new RegExp(`\\b${name}=(\\S+)`).exec(line)?.[1] ?? "";
	return lines.map((line) => ({ state: field(line, "JobState"), reason: field(line, "Reason"), host: field(line, "BatchHost") }));
}

/** Looks until `wanted` holds for all records, and returns the last seen. `sbatch --wait` itself looks after 2, 10 and 42 s. */
export async function watch(suite: Suite, id: string, wanted: (job: JobRecord) => boolean, seconds = JOB): Promise<JobRecord[]> {
	let last: JobRecord[] = [];
	const look = async () => {
		last = await records(suite, id);
		return last.every(wanted) ? last : undefined;
	};
	await pollSlurm(suite, look, seconds);
	return last;
}

export function hasEnded({ state }: JobRecord): boolean {
	return ENDED.test(state);
}

/** Submits a script and lets `judge` look at the job, which has ended when all is well; else it is taken out of the queue. */
export async function withJob(
	suite: Suite,
	script: string,
	options: readonly string[],
	judge: (id: string) => Promise<Verdict>,
): Promise<Verdict> {
	const id = await submit(suite, script, options);
	let passed = false;
	try {
		const verdict = await judge(id);
		passed = verdict.status === "passed";
		return verdict;
	} finally {
		// Also when we are interrupted. Of a job that has ended scancel says nothing.
		if (!passed) await asUser(suite, ["scancel", "--quiet", id], { signal: undefined, ok: "any" });
	}
}

/** Where a job's words go, seen from the home folder of its user, and how to name it to sbatch. */
export const OUTPUT = { option: `--output=${JOB_NAME}-%j.out`, file: (id: string) => `${JOB_NAME}-${id}.out` };

/** What a job has printed, fetched from the node where it ran and removed there. */
export async function outputOf(suite: Suite, id: string, host: string): Promise<string> {
	const node = suite.nodes.find(({ name }) => name === host);
	if (node === undefined) return `it ran on "${host}"`;
	const limits = { as: suite.user, ok: "any", timeout: patience(suite, JOB), signal: suite.signal } as const;
	const { stdout, stderr } = await node.link.run(["sh", "-c", 'cat "$1"; rm -f "$1"', "sh", OUTPUT.file(id)], limits);
	return `${stdout}${stderr}`.trim();
}

/** The command that shows a job. */
export function showsJob(suite: Suite, id: string): string {
	return shownBy(suite, suite.controller, ["scontrol", "show", "job", id]);
}

export function inWords(jobs: readonly JobRecord[]): string {
	return jobs
		.map(({ state, reason, host }) => [state, reason === "None" ? "" : reason, host && `on ${host}`].filter(Boolean).join(" "))
		.join(", ");
}
