import type { Sample } from "./measure.ts";

/** The middle value; of an even number the mean of the two middle ones. */
export function median(values: readonly number[]): number {
	const sorted = values.toSorted((a, b) => a - b);
	const middle = Math.floor(sorted.length / 2);
	return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function medianSeconds(samples: readonly Sample[]): number {
	return median(samples.map(({ seconds }) => seconds));
}

/** Another side begins in every round, so that none always runs first or after the same one. */
export function rotated<T>(sides: readonly T[], round: number): T[] {
	const from = round % sides.length;
	return [...sides.slice(from), ...sides.slice(0, from)];
}
