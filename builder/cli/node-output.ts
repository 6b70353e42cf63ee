import type { Paint } from "../ui/paint.ts";

/** Prints a node's lines as they come: raw for one node, with its name before each when there are several. */
export function linePrinter(several: boolean): (node: string, line: string, from: "stdout" | "stderr") => void {
	return (node, line, from) => process[from].write(several ? `${node}: ${line}\n` : `${line}\n`);
}

/** What could not be done on a node, with what mends it, on standard error. */
export function tellProblem(paint: Paint, problem: string, fix: string | undefined): void {
	const mend = fix?.split("\n").map((line) => `  ${line}\n`) ?? [];
	process.stderr.write(`${paint("bad", "error:")} ${problem}\n${mend.join("")}`);
}

/** A command's result for programs. */
export function printJson(document: object): void {
	process.stdout.write(`${JSON.stringify({ version: 1, ...document }, null, "\t")}\n`);
}
