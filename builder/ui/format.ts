import { stripVTControlCharacters } from "node:util";

/** Bytes for people, decimal as disk makers and `ls --si` count: `288 MB`, `1.9 GB`. */
export function bytes(n: number): string {
	if (n < 1000) return `${n} B`;
	const units = ["kB", "MB", "GB", "TB", "PB"];
	let value = n;
	let unit = "B";
	for (const next of units) {
		// 999.6 would round to "1000".
		if (value < 999.5) break;
		value /= 1000;
		unit = next;
	}
	const digits = unit === "kB" || unit === "MB" || value >= 99.95 ? 0 : 1;
	return `${value.toFixed(digits)} ${unit}`;
}

/** Seconds for people: `0.4 s`, `19.9 s`, `2 min 05 s`. */
export function seconds(n: number): string {
	if (n < 99.95) return `${n.toFixed(1)} s`;
	const whole = Math.round(n);
	return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}

/** Columns two spaces apart, each as wide as its widest cell; the last is not padded. Colours do not count as width. */
export function table(rows: readonly (readonly string[])[]): string {
	const columns = Math.max(0, ...rows.map((row) => row.length));
	const widths = Array.from({ length: columns }, (_, i) => Math.max(...rows.map((row) => width(row[i] ?? ""))));
	return rows
		.map((row) =>
			row
				.map((cell, i) => pad(cell, i === row.length - 1 ? 0 : widths[i]!))
				.join("  ")
				.trimEnd(),
		)
		.join("\n");
}

/** `text` with spaces up to `columns`, not counting colours. */
export function pad(text: string, columns: number): string {
	return text + " ".repeat(Math.max(0, columns - width(text)));
}

function width(text: string): number {
	return stripVTControlCharacters(text).length;
}
