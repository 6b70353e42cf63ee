import type { Bench } from "./bench.ts";
import type { Sample } from "./measure.ts";

/** What one row of the budget table came to. */
export interface Outcome {
	/** Every sample of every side, in the order in which they were taken. */
	readonly sides: Readonly<Record<string, readonly Sample[]>>;
	readonly verdicts: readonly Verdict[];
	/** What a reader must know to judge the numbers. */
	readonly notes: readonly string[];
	/** What else was read off, as it is kept. */
	readonly details?: unknown;
}

/** One target of a row and what was measured; without a target it is there to be known. */
export interface Verdict {
	readonly target?: string;
	/** Rounded as it is shown, with its unit: `0.52 × mkosi`. */
	readonly measured: string;
	readonly met?: boolean;
}

/** What has to be there for a row: two tables, kept apart, since they are measured apart. */
export type Part = "builds" | "cluster";

export interface Row {
	readonly id: string;
	readonly title: string;
	readonly part: Part;
	readonly inQuick: boolean;
	readonly run: (bench: Bench) => Promise<Outcome>;
}

/** Compares with another side: a ratio of medians and its limit. */
export function ratio(ours: number, other: number, limit: number, name: string): Verdict {
	const value = ours / other;
	return { target: `≤ ${limit} × ${name}`, measured: `${value.toFixed(2)} × ${name}`, met: value <= limit };
}

/** A ratio of medians that has no target. */
export function share(ours: number, other: number, name: string): Verdict {
	return { measured: `${(ours / other).toFixed(2)} × ${name}` };
}

/** Compares with a fixed limit. */
export function within(value: number, limit: number, unit: string, digits: number): Verdict {
	return { target: `≤ ${limit} ${unit}`, measured: `${value.toFixed(digits)} ${unit}`, met: value <= limit };
}
