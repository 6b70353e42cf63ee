import { InternalError } from "../../core/errors.ts";
import { reasons } from "../plan/reasons.ts";
import type { Step } from "../plan/steps.ts";
import type { Entry } from "../store/types.ts";
import { bytes } from "../ui/format.ts";
import { startLate } from "../ui/start-late.ts";
import type { ApplyContext } from "./context.ts";
import { buildDisk } from "./disk.ts";
import { buildFiles } from "./files.ts";
import { buildQcow2 } from "./image.ts";
import { buildPackages } from "./packages.ts";

/** How a step went. */
export interface StepResult {
	readonly step: Step;
	readonly entry: Entry;
	readonly cached: boolean;
}

/**
 * Applies a plan from its outputs backwards: a step runs only when something above it is missing, so that an image
 * whose key is in the store costs no look at the layers it was made from.
 */
export async function apply(ctx: ApplyContext): Promise<ReadonlyMap<string, StepResult>> {
	const results = new Map<string, StepResult>();
	const wanted = new Set(ctx.plan.outputs.map((output) => output.step));
	const needed = await neededSteps(ctx, wanted);
	for (const step of ctx.plan.steps) {
		if (needed.has(step.id)) results.set(step.id, await runStep(ctx, step, results));
		else await reportCached(ctx, step, results);
	}
	return results;
}

/** Steps that must run or be read: the outputs, and below every missing one what it stands on. */
async function neededSteps(ctx: ApplyContext, wanted: ReadonlySet<string>): Promise<ReadonlySet<string>> {
	const needed = new Set<string>();
	for (const step of ctx.plan.steps.toReversed()) {
		if (!wanted.has(step.id) && !needed.has(step.id)) continue;
		const found = await ctx.store.find(step.key);
		if (wanted.has(step.id) && found) continue;
		needed.add(step.id);
		// A disk that is not kept is made anew out of all layers; any other step stands on the one below and that one's own.
		if (!found && step.kind !== "packages") needed.add(step.below);
		else if (!found && step.kind === "packages" && step.below) needed.add(step.below);
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

async function runStep(ctx: ApplyContext, step: Step, results: ReadonlyMap<string, StepResult>): Promise<StepResult> {
	if (step.kind === "disk" && !step.keep) return { step, entry: TEMPORARY, cached: false };
	const why = (await ctx.store.find(step.key)) ? [] : reasons(await ctx.store.why(step.slot, step.record), ctx.seen.resolved);
	// The disk of an image is a step of its own, so that the image's clock starts with its own first word.
	const report = step.kind === "image" ? startLate(ctx.reporter, step.title) : ctx.reporter.step(step.title);
	for (const line of why) ctx.log(`${step.id}: made again because ${line}`);
	try {
		const { entry, cached } = await make(ctx, step, results, report);
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

function shorten(why: readonly string[]): string {
	return why.length > 2 ? `${why.slice(0, 2).join(", ")} and ${why.length - 2} more` : why.join(", ");
}

/** Stands for a disk that lives only while its image is made. */
const TEMPORARY: Entry = { key: "", slot: "", record: {}, info: {}, content: "files", dir: "", made: "", seconds: 0, size: 0 };

type Report = ReturnType<ApplyContext["reporter"]["step"]>;

function make(ctx: ApplyContext, step: Step, results: ReadonlyMap<string, StepResult>, report: Report) {
	switch (step.kind) {
		case "packages":
			return ctx.store.make({
				...wanted(step),
				content: "tree",
				build: (dir) => buildPackages(ctx, step, stackBelow(ctx, step, results), dir, report),
			});
		case "files":
			return ctx.store.make({
				...wanted(step),
				content: "tree",
				build: (dir) => buildFiles(ctx, stackBelow(ctx, step, results), dir, report),
			});
		case "disk":
			return ctx.store.make({
				...wanted(step),
				content: "files",
				build: (dir) => buildDisk(ctx, stackBelow(ctx, step, results), dir, report),
			});
		case "image":
			return ctx.store.make({
				...wanted(step),
				content: "files",
				build: (dir) => buildQcow2(ctx, step, diskSource(ctx, step, results), dir, report),
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
