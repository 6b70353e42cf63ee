import { fileName, type KeptRow, type Result } from "./result.ts";
import type { Part } from "./row.ts";

/** The result as Markdown: one table, the notes, the machine. */
export function markdown(result: Result): string {
	const measured = result.rows.flatMap((row) => lines(row));
	const table = [["what", "medians", "result", "target", "met"], ["---", "---", "---", "---", "---"], ...measured];
	const notes = result.rows.flatMap((row) => ("notes" in row ? row.notes.map((note) => `- ${row.title}: ${note}.`) : []));
	return [table.map((cells) => `| ${cells.join(" | ")} |`).join("\n"), notes.join("\n"), about(result)]
		.filter(Boolean)
		.join("\n\n");
}

function lines(row: KeptRow): string[][] {
	if ("failed" in row) return [[row.title, "", `failed: ${row.failed}`, "", "no"]];
	if ("skipped" in row) return [[row.title, "", `not measured: ${row.skipped}`, "", ""]];
	const medians = Object.entries(row.medians).map(([name, seconds]) => `${name} ${duration(seconds)}`);
	return row.verdicts.map(({ measured, target = "", met }, index) => {
		const judged = [measured, target, met === undefined ? "" : met ? "yes" : "no"];
		return index === 0 ? [row.title, medians.join(", "), ...judged] : ["", "", ...judged];
	});
}

function duration(seconds: number): string {
	if (seconds < 0.2) return `${(seconds * 1000).toFixed(0)} ms`;
	return seconds < 2 ? `${seconds.toFixed(2)} s` : `${seconds.toFixed(1)} s`;
}

function about(result: Result): string {
	const { date, repeat, quick, machine, versions, rows } = result;
	const samples = rows.flatMap((row) => ("sides" in row ? Object.values(row.sides).flat() : []));
	const others =
		samples.reduce((sum, sample) => sum + sample.others, 0) / samples.reduce((sum, sample) => sum + sample.seconds, 0);
	const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
	return [
		`${date}, ${repeat} ${repeat === 1 ? "sample" : "samples"} a side${quick ? " (quick)" : ""}, on ${machine.cores} cores, ${machine.memoryGiB} GiB,`,
		`${machine.arch}, ${machine.distribution}, Linux ${machine.kernel}. ${programs.join(", ")}.`,
		`Everything else on the machine kept ${(others || 0).toFixed(2)} cores busy meanwhile.`,
		`All samples: [${fileName(result)}](bench/${fileName(result)}).`,
	].join("\n");
}

const MARKERS: Readonly<Record<Part, { readonly from: string; readonly to: string }>> = {
	builds: { from: "<!-- bench: begin. Written by `npm run bench -- --write`. -->", to: "<!-- bench: end -->" },
	cluster: {
		from: "<!-- cluster bench: begin. Written by `npm run bench -- --cluster --write`. -->",
		to: "<!-- cluster bench: end -->",
	},
};

/** The document with the table between its markers replaced. */
export function withTable(document: string, part: Part, table: string): string {
	const { from, to } = MARKERS[part];
	const [begin, end] = [document.indexOf(from), document.indexOf(to)];
	if (begin < 0 || end < begin) throw new Error(`docs/performance.md has no markers ${from} and ${to}`);
	return `${document.slice(0, begin + from.length)}\n\n${table}\n\n${document.slice(end)}`;
}
