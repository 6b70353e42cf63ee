import { pad, seconds } from "./format.ts";
import type { Paint } from "./paint.ts";
import type { StepReport } from "./reporter.ts";

/** A step while it runs. `started` is in milliseconds. */
export interface StepState {
	readonly title: string;
	readonly started: number;
	at: Parameters<StepReport["progress"]>[0];
}

const TITLE = 20;
const TIME = 9;
const BAR = 20;
const SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";

/** `✔ base packages       14.2 s     41 packages, 38 MB downloaded` */
export function stepLine(title: string, how: "done" | "cached" | "failed", elapsed: string, text: string, paint: Paint): string {
	const mark = how === "failed" ? paint("bad", "✘") : paint("good", "✔");
	const time = how === "cached" ? paint("dim", pad("cached", TIME)) : pad(elapsed, TIME);
	return `${mark} ${pad(title, TITLE)}  ${time}  ${text}`.trimEnd();
}

/** The same line of a step that still runs: spinner, time so far, a bar where the end is known. */
export function stepProgress(step: StepState, now: number, paint: Paint): string {
	const elapsed = now - step.started;
	const spinner = SPINNER[Math.floor(elapsed / 100) % SPINNER.length]!;
	const { fraction, text } = step.at;
	const detail = [fraction === undefined ? "" : bar(fraction), text ?? ""].filter(Boolean).join("  ");
	return `${paint("warning", spinner)} ${pad(step.title, TITLE)}  ${pad(seconds(elapsed / 1000), TIME)}  ${detail}`.trimEnd();
}

function bar(fraction: number): string {
	const share = Math.min(1, Math.max(0, fraction));
	const full = Math.floor(share * BAR);
	return `${"█".repeat(full)}${"░".repeat(BAR - full)} ${String(Math.floor(share * 100)).padStart(3)} %`;
}
