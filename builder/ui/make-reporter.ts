import type { Writable } from "node:stream";
import { pad, seconds } from "./format.ts";
import { makePaint } from "./paint.ts";
import type { Reporter, StepReport } from "./reporter.ts";
import { liveScreen, plainScreen, type Screen } from "./screen.ts";
import { type StepState, stepLine, stepProgress } from "./step-line.ts";

/** Where a reporter writes, and what decides how. */
export interface ReporterOptions {
	/** Progress is nothing but warnings: standard output carries the answer, and whoever asked for JSON is a program. */
	readonly json?: boolean | undefined;
	readonly stream?: (Writable & { isTTY?: boolean | undefined; columns?: number | undefined }) | undefined;
	readonly env?: NodeJS.ProcessEnv | undefined;
	/** Milliseconds of some clock that never goes back. */
	readonly now?: (() => number) | undefined;
	/** Takes every line that a person would see, without colours, also under `json`. */
	readonly log?: ((line: string) => void) | undefined;
}

/** A reporter that also has to be closed: it keeps a timer and may have hidden the cursor. */
export type OpenReporter = Reporter & { close(): void };

const LABEL = 10;

/** Live step lines on a terminal, a line for each finished step when piped, only warnings under `json`. */
export function makeReporter(options: ReporterOptions = {}): OpenReporter {
	const { json = false, stream = process.stderr, env = process.env, log, now = () => performance.now() } = options;
	const paint = makePaint(stream, env);
	const live = stream.isTTY === true && env.TERM !== "dumb" && !json;
	const screen: Screen = live ? liveScreen(stream) : plainScreen(stream);
	const running = new Set<StepState>();
	const plain = makePaint({}, {});
	if (!json) screen.follow(() => [...running].map((step) => stepProgress(step, now(), paint)));

	const say = (line: (p: typeof paint) => string, always = false) => {
		log?.(line(plain));
		if (always || !json) screen.print(line(paint));
	};
	const end = (state: StepState, outcome: "done" | "cached" | "failed", text: string) => {
		if (!running.delete(state)) return;
		const elapsed = seconds((now() - state.started) / 1000);
		say((p) => stepLine(state.title, outcome, elapsed, text, p));
	};
	return {
		note: (label, text) => say((p) => `${p("strong", pad(label, LABEL))}  ${text}`),
		warn: (text) => say((p) => `${p("warning", "warning:")} ${text}`, true),
		step: (title) => {
			const state: StepState = { title, started: now(), at: {} };
			running.add(state);
			log?.(`${title} ...`);
			return stepReport(state, end);
		},
		close: () => {
			running.clear();
			screen.close();
		},
	};
}

function stepReport(state: StepState, end: (s: StepState, how: "done" | "cached" | "failed", text: string) => void): StepReport {
	return {
		progress: (at) => {
			state.at = at;
		},
		done: (text) => end(state, "done", text),
		cached: (text) => end(state, "cached", text),
		failed: (text) => end(state, "failed", text),
	};
}
