import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { may } from "../../core/access.ts";
import { UserError } from "../../core/errors.ts";
import { run } from "../../core/process/run.ts";
import type { Reached, ReachedNode } from "../reach/types.ts";

export interface LogsOptions {
	readonly source: "journal" | "serial";
	readonly follow: boolean;
	/** The newest lines only; all of this boot when left out. */
	readonly lines?: number | undefined;
	/** Journal of these units only. */
	readonly units: readonly string[];
	readonly signal?: AbortSignal | undefined;
	readonly onLine: (line: string, from: "stdout" | "stderr") => void;
}

/**
 * Shows a node's journal of this boot, or what it printed on its serial port, line by line; with `follow` until `signal` fires.
 * @throws UserError when it has no serial log here; Unreachable; Interrupted.
 */
export async function showLogs(reached: Reached, node: ReachedNode, options: LogsOptions): Promise<void> {
	await (options.source === "serial" ? serial(node, options) : journal(reached, node, options));
}

async function journal(reached: Reached, { name }: ReachedNode, options: LogsOptions): Promise<void> {
	const { follow, lines, units, signal, onLine } = options;
	const argv = [
		...["journalctl", "--no-pager", "--output=short-iso", "--boot"],
		...units.flatMap((unit) => ["--unit", unit]),
		...(lines === undefined ? [] : ["--lines", String(lines)]),
		...(follow ? ["--follow"] : []),
	];
	await reached.link(name).run(argv, { as: "root", signal, onLine, doing: `reading the journal of ${name}` });
}

async function serial({ name, machine }: ReachedNode, options: LogsOptions): Promise<void> {
	const { follow, lines, signal, onLine } = options;
	const file = await serialLogOf({ name, machine });
	const argv = ["tail", "-n", lines === undefined ? "+1" : String(lines), ...(follow ? ["-F"] : []), "--", file];
	const plain = (line: string) => stripVTControlCharacters(line).replaceAll("\r", "");
	await run(argv, { doing: `reading ${file}`, signal, onLine: (line, from) => onLine(plain(line), from) });
}

async function serialLogOf({ name, machine }: Pick<ReachedNode, "name" | "machine">): Promise<string> {
	const file = machine && join(machine.dir, "serial.log");
	if (file !== undefined && (await may(file))) return file;
	const fix = machine ? "it has not been started yet" : "only nodes of a test cluster have one here; leave out --serial";
	throw new UserError("failed", { message: `there is no serial log of ${name}`, fix });
}
