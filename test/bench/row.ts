import type { Bench } from "./bench.ts";
import type { Sample } from "./measure.ts";

/** What one row of the budget table came to. */
export interface Outcome {
	/** Every sample of every side, in the order in which they were taken. */
	readonly sides: Readonly<Record<string, readonly Sample[]>>;
	readonly verdicts: readonly Verdict[];
	/** What a reader must know to judge the numbers. */
	readonly notes: readonly string[];
}

/** One target of a row and what was measured. */
export interface Verdict {
	readonly target: string;
	/** Rounded as it is shown, with its unit: `0.52 × mkosi`. */
	readonly measured: string;
	readonly met: boolean;
}

export interface Row {
	readonly id: string;
	readonly title: string;
	readonly inQuick: boolean;
	readonly run: (bench: Bench) => Promise<Outcome>;
}

/** Compares with another side: a ratio of medians and its limit. */
export function ratio(ours: number, other: number, limit: number, name: string): Verdict {
	const value = ours / other;
	return { target: `≤ ${limit} × ${name}`, measured: `${value.toFixed(2)} × ${name}`, met: value <= limit };
}

/** Compares with a fixed limit. */
export function within(value: number, limit: number, unit: string, digits: number): Verdict {
	return { target: `≤ ${limit} ${unit}`, measured: `${value.toFixed(digits)} ${unit}`, met: value <= limit };
}
