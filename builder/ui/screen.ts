import type { Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";

/** Lines that stay, and below them the lines of what is running. */
export interface Screen {
	print(line: string): void;
	/** Asks `lines` for what is running whenever that is to be shown. */
	follow(lines: () => readonly string[]): void;
	close(): void;
}

type Terminal = Writable & { columns?: number | undefined };

const FRAME = 100;
/** A pipe with nothing in it for this long looks like a hang: CI systems end those. */
const HEARTBEAT = 30_000;
const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";

/** Redraws the running lines in place ten times a second. */
export function liveScreen(stream: Terminal): Screen {
	let drawn = 0;
	let lines: () => readonly string[] = () => [];
	const erase = () => (drawn > 0 ? `\u001b[${drawn}A\u001b[0J` : "");
	const draw = (above = "") => {
		const now = lines().map((line) => cut(line, (stream.columns ?? 80) - 1));
		if (now.length === 0 && drawn === 0 && above === "") return;
		const cursor = now.length > 0 && drawn === 0 ? HIDE_CURSOR : now.length === 0 && drawn > 0 ? SHOW_CURSOR : "";
		stream.write(`${erase()}${cursor}${above}${now.map((line) => `${line}\n`).join("")}`);
		drawn = now.length;
	};
	const showCursor = () => drawn > 0 && stream.write(SHOW_CURSOR);
	process.on("exit", showCursor);
	const timer = setInterval(draw, FRAME);
	timer.unref();
	return {
		print: (line) => draw(`${line}\n`),
		follow: (source) => {
			lines = source;
		},
		close: () => {
			clearInterval(timer);
			process.off("exit", showCursor);
			draw();
		},
	};
}

/** One line at a time; a step that is silent for long shows that it lives. */
export function plainScreen(stream: Writable): Screen {
	let lines: () => readonly string[] = () => [];
	const beat = setInterval(() => {
		for (const line of lines()) stream.write(`${stripVTControlCharacters(line)}\n`);
	}, HEARTBEAT);
	beat.unref();
	return {
		print: (line) => {
			stream.write(`${line}\n`);
			beat.refresh();
		},
		follow: (source) => {
			lines = source;
		},
		close: () => clearInterval(beat),
	};
}

/** A line that wraps would break the count of lines to erase. Colours are dropped from a line that is cut. */
function cut(line: string, columns: number): string {
	const plain = stripVTControlCharacters(line);
	return plain.length <= columns ? line : `${plain.slice(0, Math.max(0, columns - 1))}…`;
}
