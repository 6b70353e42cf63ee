import { closeSync, constants, openSync, writeSync } from "node:fs";
import { CONSOLE } from "./paths.ts";
import type { World } from "./world.ts";

export interface ConsoleLine {
	readonly name: string;
	readonly state: string;
	/** Address in the mesh; `-` when there is none. */
	readonly mesh?: string | undefined;
	readonly reason: string;
}

/** `clusteros <name> <state> <mesh address> <reason>`: five fields, only the last one may hold spaces. */
export function consoleLine({ name, state, mesh, reason }: ConsoleLine): string {
	return ["clusteros", word(name), word(state), word(mesh ?? "-"), oneLine(reason)].join(" ");
}

function word(text: string): string {
	return oneLine(text).replaceAll(" ", "_") || "-";
}

/** Without what would move a terminal's cursor or end the line. */
function oneLine(text: string): string {
	return text.replaceAll(/\p{Cc}+/gu, " ").trim();
}

/** Writes a state to the console, for people without a login and for the test cluster's serial log. */
export function writeConsole(world: World, line: ConsoleLine): void {
	writeLine(world, consoleLine(line));
}

/** Writes a line to the console. Never an error: a node may have none. */
export function writeLine(world: World, line: string): void {
	try {
		// Never our controlling terminal, and never waited for: a serial line with flow control may stand still.
		const file = openSync(
			world.root + CONSOLE,
			constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK | constants.O_APPEND,
		);
		try {
			writeSync(file, `${line}\n`);
		} finally {
			closeSync(file);
		}
	} catch {
		// The journal and the status file say the same.
	}
}
