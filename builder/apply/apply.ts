import { InternalError } from "../../core/errors.ts";
import { reasons } from "../plan/reasons.ts";
import type { Plan, Step } from "../plan/steps.ts";
import type { Store } from "../store/store.ts";
import type { Entry } from "../store/types.ts";
import { bytes } from "../ui/format.ts";
import { startLate } from "../ui/start-late.ts";
import type { ApplyContext } from "./context.ts";
import { buildDisk } from "./disk.ts";
import { buildFiles } from "./files.ts";
import { buildQcow2 } from "./image.ts";
import { buildPackages } from "./packages.ts";
import { buildPrograms } from "./programs.ts";

/** How a step went. */
export interface StepResult {
	readonly step: Step;
	readonly entry: Entry;
	readonly cached: boolean;
}

/** What applying gave. Whatever was made or read is held until this is disposed of: no other process removes it meanwhile. */
export interface Applied extends AsyncDisposable {
	readonly results: ReadonlyMap<string, StepResult>;
}

/**
 * Applies a plan from its outputs backwards: a step runs only when something above it is missing, so that an image
 * whose key is in the store costs no look at the layers it was made from.
 */
export async function apply(ctx: ApplyContext): Promise<Applied> {
	const holds: AsyncDisposable[] = [];
	const release = async () => {
		for (const hold of holds.splice(0).toReversed()) await hold[Symbol.asyncDispose]();
	};
	try {
		return { results: await runSteps(ctx, holds), [Symbol.asyncDispose]: release };
	} catch (error) {
		await release();
		throw error;
	}
}

async function runSteps(ctx: ApplyContext, holds: AsyncDisposable[]): Promise<ReadonlyMap<string, StepResult>> {
	const results = new Map<string, StepResult>();
	const needed = await neededSteps(ctx.plan, ctx.store);
	for (const step of ctx.plan.steps) {
		if (needed.has(step.id)) results.set(step.id, await runStep(ctx, step, results, holds));
		else await reportCached(ctx, step, results);
	}
	return results;
}

/** Steps that must run or be read: what is missing of the outputs (and of the layer with their kernel), and all that it stands on. */
export async function neededSteps(plan: Plan, store: Pick<Store, "find">): Promise<ReadonlySet<string>> {
	const wanted = new Set(plan.outputs.map((output) => output.step));
	const needed = new Set<string>();
	for (const step of plan.steps.toReversed()) {
		const found = await store.find(step.key);
		const isWanted = wanted.has(step.id) || step.kind === "files";
		if (!needed.has(step.id) && (found || !isWanted)) continue;
		needed.add(step.id);
		// A kept disk is whole in itself. A layer is read together with those below it, also when it is there.
		if (step.below && !(found && step.kind === "disk")) needed.add(step.below);
	}
	return needed;
}

async function reportCached(ctx: ApplyContext, step: Step, results: Map<string, StepResult>): Promise<void> {
	const entry = await ctx.store.find(step.key);
	if (!entry) return;
	results.set(step.id, { step, entry, cached: true });
	ctx.reporter.step(step.title).cached(describe(entry));
}

function describe(entry: Entry): string {
	return `${entry.key.slice(0, 8)}  made ${entry.made.slice(0, 10)}`;
}

async function runStep(
	ctx: ApplyContext,
	step: Step,
	results: ReadonlyMap<string, StepResult>,
	holds: AsyncDisposable[],
): Promise<StepResult> {
	// One that an earlier build kept is as good; otherwise it is made, and goes again, with its image.
	if (step.kind === "disk" && !step.keep && !(await ctx.store.find(step.key))) return { step, entry: TEMPORARY, cached: false };
	const why = (await ctx.store.find(step.key)) ? [] : reasons(await ctx.store.why(step.slot, step.record), ctx.seen.resolved);
	// The disk of an image is a step of its own, so that the image's clock starts with its own first word.
	const report = step.kind === "image" ? startLate(ctx.reporter, step.title) : ctx.reporter.step(step.title);
	for (const line of why) ctx.log(`${step.id}: made again because ${line}`);
	try {
		const held = await make(ctx, step, results, report);
		holds.push(held);
		const { entry, cached } = held;
		if (cached) report.cached(describe(entry));
		else
			report.done([bytes(entry.size), ...summary(entry), ...(why.length > 0 ? [`made again: ${shorten(why)}`] : [])].join("  "));
		return { step, entry, cached };
	} catch (error) {
		report.failed("");
		throw error;
	}
}

function summary(entry: Entry): string[] {
	return typeof entry.info.summary === "string" ? [entry.info.summary] : [];
}

/** For the step's line: what changed, by name; from what to what is in the log. */
function shorten(why: readonly string[]): string {
	const names = why.map((line) => (/^packages:| added "/.test(line) ? line : line.replace(/: .*$/, "").replace(/^files\./, "")));
	return names.length > 2 ? `${names.slice(0, 2).join(", ")} and ${names.length - 2} more` : names.join(", ");
}

/** Stands for a disk that lives only while its image is made. */
const TEMPORARY: Entry = {
	key: "",
	slot: "",
	record: {},
	info: {},
	content: "files",
	files: {},
	dir: "",
	made: "",
	seconds: 0,
	size: 0,
};

type Report = ReturnType<ApplyContext["reporter"]["step"]>;

function make(ctx: ApplyContext, step: Step, results: ReadonlyMap<string, StepResult>, report: Report) {
	switch (step.kind) {
		case "packages":
			return ctx.store.hold({
				...wanted(step),
				content: "tree",
				build: (dir) => buildPackages(ctx, step, stackBelow(ctx, step, results), dir, report),
			});
		case "programs":
			return ctx.store.hold({
				...wanted(step),
				content: "tree",
				build: (dir) => buildPrograms(ctx, stackBelow(ctx, step, results), dir, report),
			});
		case "files":
			return ctx.store.hold({
				...wanted(step),
				content: "tree",
				build: (dir) => buildFiles(ctx, stackBelow(ctx, step, results), dir, report),
			});
		case "disk":
			return ctx.store.hold({
				...wanted(step),
				content: "files",
				build: (dir) => buildDisk(ctx, stackBelow(ctx, step, results), dir, report),
			});
		case "image":
			return ctx.store.hold({
				...wanted(step),
				content: "files",
				build: (dir) => buildQcow2(ctx, diskSource(ctx, step, results), dir, report),
			});
	}
}

function wanted({ key, slot, record }: Step) {
	return { key, slot, record };
}

/** Entries below a step, the lowest first. */
function stackBelow(ctx: ApplyContext, step: Step, results: ReadonlyMap<string, StepResult>): Entry[] {
	const stack: Entry[] = [];
	for (let id = step.below; id; id = ctx.plan.steps.find((one) => one.id === id)!.below) {
		const result = results.get(id);
		if (!result) throw new InternalError(`${step.id} stands on ${id}, which was not made`);
		stack.unshift(result.entry);
	}
	return stack;
}

/** The kept raw disk, or how to make one that goes again. */
function diskSource(ctx: ApplyContext, step: Step, results: ReadonlyMap<string, StepResult>): { raw?: string; stack: Entry[] } {
	const disk = ctx.plan.steps.find((one) => one.id === step.below)!;
	const kept = results.get(disk.id)?.entry;
	const stack = kept?.dir ? [] : stackBelow(ctx, disk, results);
	return kept?.dir ? { raw: `${kept.dir}/disk.raw`, stack } : { stack };
}
