import type { Complaint, GroupName } from "../check.ts";
import type { Result } from "../run-suite.ts";

/** How many checks ended how. */
export interface Totals {
	readonly passed: number;
	readonly failed: number;
	readonly skipped: number;
}

export function totalsOf(results: readonly Result[]): Totals {
	const count = (status: string) => results.filter(({ verdict }) => verdict.status === status).length;
	return { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
}

/** `51 passed, 0 failed, 5 skipped` */
export function totalLine({ passed, failed, skipped }: Totals): string {
	return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** What a group comes to in a few characters: `5/5`, or why none of it was asked. */
export interface GroupLine {
	readonly group: GroupName;
	readonly text: string;
	readonly status: "passed" | "failed" | "skipped";
}

/** The results of each group, in the order in which they ran. */
export function byGroup(results: readonly Result[]): (readonly [GroupName, readonly Result[]])[] {
	const names = [...new Set(results.map(({ group }) => group))];
	return names.map((name) => [name, results.filter(({ group }) => group === name)] as const);
}

/** One line a group, in the order in which they ran. */
export function groupLines(results: readonly Result[]): GroupLine[] {
	return byGroup(results).map(([group, of]) => {
		const { passed, failed } = totalsOf(of);
		if (passed + failed === 0) return { group, text: `skipped: ${reasonsOf(of).join("; ")}`, status: "skipped" };
		const skipped = of.length - passed - failed;
		const rest = skipped > 0 ? ` (${skipped} skipped: ${reasonsOf(of).join("; ")})` : "";
		return { group, text: `${passed}/${passed + failed}${rest}`, status: failed > 0 ? "failed" : "passed" };
	});
}

/** Each reason once. */
function reasonsOf(results: readonly Result[]): string[] {
	return [...new Set(results.flatMap(({ verdict }) => (verdict.status === "skipped" ? [verdict.reason] : [])))];
}

/** The lines of one complaint under its check's name. */
export function complaintLines({ node, expected, seen, command, fix }: Complaint): string[] {
	const [first, ...more] = seen.split("\n");
	return [
		`node      ${node}`,
		`expected  ${expected}`,
		`seen      ${first}`,
		...more.map((line) => `          ${line}`),
		`shown by  ${command}`,
		...(fix === undefined ? [] : [`fix       ${fix}`]),
	];
}
