import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { InternalError } from "../../core/errors.ts";
import type { Machine } from "./machine.ts";
import type { Outcome, Part } from "./row.ts";
import { medianSeconds } from "./statistics.ts";

/** A row as it is kept: what it came to, how it failed, or why it was not tried. */
export type KeptRow = { readonly id: string; readonly title: string } & (
	| (Outcome & { readonly medians: Readonly<Record<string, number>> })
	| { readonly failed: string }
	| { readonly skipped: string }
);

/** One run, as docs/bench keeps it. Times in seconds. */
export interface Result {
	readonly version: 1;
	/** Which of the two tables this is. */
	readonly part: Part;
	/** YYYY-MM-DD. */
	readonly date: string;
	readonly quick: boolean;
	readonly repeat: number;
	readonly machine: Machine;
	readonly versions: Readonly<Record<string, string>>;
	readonly rows: readonly KeptRow[];
}

/** Where a result is kept, below docs/bench or out/bench. */
export function fileName({ date, part }: Result): string {
	return part === "builds" ? `${date}.json` : `${date}-${part}.json`;
}

export function kept(id: string, title: string, outcome: Outcome): KeptRow {
	const medians = Object.fromEntries(Object.entries(outcome.sides).map(([name, samples]) => [name, medianSeconds(samples)]));
	return { id, title, ...outcome, medians };
}

/**
 * Writes a result.
 * @throws InternalError when one of `secret` (mirrors, folders of this machine) got into it.
 */
export async function writeResult(file: string, result: Result, secret: readonly string[]): Promise<void> {
	const text = `${JSON.stringify(result, null, "\t")}\n`;
	if (secret.some((word) => text.includes(word)))
		throw new InternalError("the result names a mirror or a folder of this machine");
	await mkdir(dirname(file), { recursive: true });
	await writeFile(file, text);
}

/** Strikes out what names a mirror or a folder of this machine. The longest first: a folder may lie in another one. */
export function redacted(text: string, secret: readonly string[]): string {
	return secret.toSorted((a, b) => b.length - a.length).reduce((left, word) => left.replaceAll(word, "…"), text);
}
