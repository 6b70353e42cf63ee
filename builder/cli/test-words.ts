import { complaintLines, type GroupLine, groupLines, totalLine, totalsOf } from "../../cluster/acceptance/report/summary.ts";
import type { Result } from "../../cluster/acceptance/run-suite.ts";
import { seconds as inSeconds, pad } from "../ui/format.ts";
import type { Paint } from "../ui/paint.ts";

/** Groups beside each other on a line. */
const ABREAST = 4;
const LABEL = 11;
const COUNT = 7;

/** What `clusteros test` prints: each group's count, every failure with what shows it, and the total. */
export function testWords(results: readonly Result[], seconds: number, leftOut: readonly string[], paint: Paint): string {
	const totals = totalsOf(results);
	const total = `${totalLine(totals)}   ${inSeconds(seconds)}`;
	return [
		...groupWords(groupLines(results), paint),
		...results.flatMap((result) => failureWords(result, paint)),
		...leftOut.map((what) => `${paint("warning", "left out")}  ${what}`),
		paint(totals.failed > 0 ? "bad" : "good", total),
	].join("\n");
}

/** Counts stand side by side; what needs words has a line of its own. */
function groupWords(lines: readonly GroupLine[], paint: Paint): string[] {
	const cells = lines.map(({ group, text, status }) => ({
		text: `${pad(group, LABEL)} ${pad(paint(MEANING[status], text), COUNT)}`,
		isShort: text.length <= COUNT,
	}));
	const short = cells.filter(({ isShort }) => isShort).map(({ text }) => text);
	const rows = Array.from({ length: Math.ceil(short.length / ABREAST) }, (_, i) => short.slice(i * ABREAST, (i + 1) * ABREAST));
	return [...rows.map((row) => row.join("  ")), ...cells.filter(({ isShort }) => !isShort).map(({ text }) => text)].map((line) =>
		line.trimEnd(),
	);
}

const MEANING = { passed: "good", failed: "bad", skipped: "dim" } as const;

function failureWords({ group, name, verdict }: Result, paint: Paint): string[] {
	if (verdict.status !== "failed") return [];
	const complaints = verdict.complaints.flatMap((complaint) => ["", ...complaintLines(complaint)]).slice(1);
	return ["", `${paint("bad", "failed")}  ${group}: ${name}`, ...complaints.map((line) => (line === "" ? "" : `  ${line}`)), ""];
}
