import type { Reporter, StepReport } from "./reporter.ts";

/** A step that starts when it is first heard of, not when it is made ready. */
export function startLate(reporter: Reporter, title: string): StepReport {
	let started: StepReport | undefined;
	const step = () => {
		started ??= reporter.step(title);
		return started;
	};
	return {
		progress: (at) => step().progress(at),
		done: (text) => step().done(text),
		cached: (text) => step().cached(text),
		failed: (text) => {
			// Nothing was heard of it: what failed has said so itself.
			started?.failed(text);
		},
	};
}
