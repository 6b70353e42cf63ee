import type { KeptRow, Result } from "./result.ts";
import { LATER } from "./rows/rows.ts";

/** The result as Markdown: one table, the notes, the machine. */
export function markdown(result: Result): string {
	const measured = result.rows.flatMap((row) => lines(row));
	const later = LATER.map(({ title, target }) => [title, "measured once there is a cluster", "", target, ""]);
	const table = [["what", "medians", "result", "target", "met"], ["---", "---", "---", "---", "---"], ...measured, ...later];
	const notes = result.rows.flatMap((row) => ("notes" in row ? row.notes.map((note) => `- ${row.title}: ${note}.`) : []));
	return [table.map((cells) => `| ${cells.join(" | ")} |`).join("\n"), notes.join("\n"), about(result)]
		.filter(Boolean)
		.join("\n\n");
}

function lines(row: KeptRow): string[][] {
	if ("failed" in row) return [[row.title, "", `failed: ${row.failed}`, "", "no"]];
	const medians = Object.entries(row.medians).map(([name, seconds]) => `${name} ${duration(seconds)}`);
	return row.verdicts.map(({ measured, target, met }, index) =>
		index === 0
			? [row.title, medians.join(", "), measured, target, met ? "yes" : "no"]
			: ["", "", measured, target, met ? "yes" : "no"],
	);
}

function duration(seconds: number): string {
	if (seconds < 0.2) return `${(seconds * 1000).toFixed(0)} ms`;
	return seconds < 2 ? `${seconds.toFixed(2)} s` : `${seconds.toFixed(1)} s`;
}

function about({ date, repeat, quick, machine, versions, rows }: Result): string {
	const samples = rows.flatMap((row) => ("sides" in row ? Object.values(row.sides).flat() : []));
	const others =
		samples.reduce((sum, sample) => sum + sample.others, 0) / samples.reduce((sum, sample) => sum + sample.seconds, 0);
	const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
	return [
		`${date}, ${repeat} ${repeat === 1 ? "sample" : "samples"} a side${quick ? " (quick)" : ""}, on ${machine.cores} cores, ${machine.memoryGiB} GiB,`,
		`${machine.arch}, ${machine.distribution}, Linux ${machine.kernel}. ${programs.join(", ")}.`,
		`Everything else on the machine kept ${(others || 0).toFixed(2)} cores busy meanwhile.`,
		`All samples: [${date}.json](bench/${date}.json).`,
	].join("\n");
}

const BEGIN = "<!-- bench: begin. Written by `npm run bench -- --write`. -->";
const END = "<!-- bench: end -->";

/** The document with the table between its markers replaced. */
export function withTable(document: string, table: string): string {
	const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
	if (begin < 0 || end < begin) throw new Error(`docs/performance.md has no markers ${BEGIN} and ${END}`);
	return `${document.slice(0, begin + BEGIN.length)}\n\n${table}\n\n${document.slice(end)}`;
}
