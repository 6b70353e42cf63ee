import type { Result } from "../run-suite.ts";
import { totalsOf } from "./summary.ts";

/** The results as `clusteros test --json` prints them; seconds with three digits. */
export function document(results: readonly Result[], seconds: number, leftOut: readonly string[]): object {
	return {
		version: 1,
		...totalsOf(results),
		seconds: rounded(seconds),
		leftOut,
		checks: results.map(({ group, name, node, verdict, seconds }) => ({
			group,
			name,
			node,
			...verdict,
			seconds: rounded(seconds),
		})),
	};
}

function rounded(seconds: number): number {
	return Math.round(seconds * 1000) / 1000;
}
