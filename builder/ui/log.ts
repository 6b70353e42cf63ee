import { closeSync, openSync, readdirSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { makeFolders } from "../../core/folders.ts";

/** The full record of one build: every command, every line it printed. */
export interface Log {
	readonly path: string;
	/** One line, with the time (UTC) in front; several when `text` holds line ends. */
	line(text: string): void;
	close(): void;
}

const KEPT = 20;

/**
 * Opens `DIR/<time>-<name>-<pid>.log` and removes all but the newest 20. Lines are written at once, so that
 * a killed build leaves all it said. A disk that is full costs lines, never the build.
 */
export function openLog(dir: string, name: string, now: () => Date = () => new Date()): Log {
	makeFolders(dir);
	const path = join(dir, `${now().toISOString().replaceAll(":", "-")}-${name}-${process.pid}.log`);
	const file = openSync(path, "a");
	removeOld(dir);
	let open = true;
	return {
		path,
		line: (text) => {
			if (!open) return;
			const stamp = now().toISOString();
			const lines = text.split("\n").map((line) => `${stamp}  ${line}\n`);
			try {
				writeSync(file, lines.join(""));
			} catch {
				open = false;
			}
		},
		close: () => {
			open = false;
			closeSync(file);
		},
	};
}

/** Names start with their time, so that their order is the age. */
function removeOld(dir: string): void {
	const logs = readdirSync(dir).filter((name) => /^\d{4}-.*\.log$/.test(name));
	for (const name of logs.sort().slice(0, -KEPT)) rmSync(join(dir, name), { force: true });
}
