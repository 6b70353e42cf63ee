import type { PlanDocument } from "../../core/contract/plan.ts";
import type { Explained } from "../profile/explain.ts";
import { bytes, table } from "../ui/format.ts";

/** A plan for people: a line a step, with why it would run, and how much it would fetch. */
export function planText(plan: PlanDocument): string {
	const rows = plan.steps.map((step) => [step.title, state(step), step.key.slice(0, 8), sizes(step), why(step)]);
	const outputs = plan.outputs.map(({ format, file }) => `  ${format}  ${file}`);
	return [`${plan.name}`, "", table([["step", "", "key", "size", "why"], ...rows]), "", "makes", ...outputs, ""].join("\n");
}

type PlannedStep = PlanDocument["steps"][number];

function state(step: PlannedStep): string {
	return step.cached ? "cached" : "to do";
}

function sizes({ estimate }: PlannedStep): string {
	if (!estimate) return "";
	return `${bytes(estimate.installed)} installed, ${estimate.download === 0 ? "nothing" : bytes(estimate.download)} to fetch`;
}

function why(step: PlannedStep): string {
	if (step.cached) return "";
	return step.why.length === 0 ? "not made before" : step.why.slice(0, 3).join(", ");
}

/** Which file and line gave each value. */
export function explainText(values: readonly Explained[]): string {
	const rows = values.map(({ path, value, file, line }) => [
		path,
		JSON.stringify(value),
		line === undefined ? file : `${file}:${line}`,
	]);
	return `${table([["key", "value", "from"], ...rows])}\n`;
}
