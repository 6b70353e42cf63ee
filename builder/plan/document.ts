import type { PlanDocument } from "../../core/contract/plan.ts";
import type { Store } from "../store/store.ts";
import type { Observed } from "./observed.ts";
import { reasons } from "./reasons.ts";
import type { Plan, Step } from "./steps.ts";

/** A plan as `--plan --json` prints it: what is in the store is looked up, nothing is made. */
export async function planDocument(plan: Plan, seen: Observed, store: Store): Promise<PlanDocument> {
	return {
		version: 1,
		name: plan.name,
		profile: seen.resolved.profile.name,
		base: seen.base.name,
		arch: seen.arch,
		steps: await Promise.all(plan.steps.map((step) => describeStep(step, seen, store))),
		outputs: plan.outputs.map(({ format, file, step }) => ({ format, file, step })),
	};
}

async function describeStep(step: Step, seen: Observed, store: Store): Promise<PlanDocument["steps"][number]> {
	const cached = (await store.find(step.key)) !== undefined;
	return {
		id: step.id,
		kind: step.kind,
		title: step.title,
		needs: step.below ? [step.below] : [],
		key: step.key,
		record: step.record as PlanDocument["steps"][number]["record"],
		cached,
		why: cached ? [] : reasons(await store.why(step.slot, step.record), seen.resolved),
		...(step.kind === "packages" ? { estimate: await estimate(step, store) } : {}),
	};
}

async function estimate(
	step: Extract<Step, { kind: "packages" }>,
	store: Store,
): Promise<{ download: number; installed: number }> {
	let download = 0;
	for (const deb of step.solved.debs) if (!(await store.debs.has(deb.sha256))) download += deb.size;
	return { download, installed: step.solved.debs.reduce((sum, deb) => sum + deb.installed, 0) };
}
