import { open, stat } from "node:fs/promises";
import { poll } from "../core/deadline.ts";

/** What a machine prints on its serial port, read from the log QEMU writes, from `start` (bytes) on. */
export class SerialLog {
	readonly file: string;
	readonly #start: number;

	constructor(file: string, start = 0) {
		this.file = file;
		this.#start = start;
	}

	/** The log from here on: what is printed next. */
	static async fromNow(file: string): Promise<SerialLog> {
		const size = await stat(file).then(
			(s) => s.size,
			() => 0,
		);
		return new SerialLog(file, size);
	}

	/** All of it as plain text: no carriage returns, no terminal control sequences. Empty while there is no file. */
	async text(): Promise<string> {
		return plain(await readFrom(this.file, this.#start));
	}

	/** The last lines that hold something, for an error message. */
	async tail(lines = 10): Promise<string[]> {
		const all = (await this.text()).split("\n");
		return all.filter((line) => line.trim() !== "").slice(-lines);
	}

	/** Waits until `pattern` is in the log and returns the match. @throws ConsoleTimeout after `timeout` ms. */
	async waitFor(pattern: RegExp, timeout: number, signal?: AbortSignal): Promise<RegExpExecArray> {
		const search = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ""));
		const found = await poll(async () => search.exec(await this.text()) ?? undefined, { timeout, every: 200, signal });
		if (!found) throw new ConsoleTimeout(pattern, timeout, this.file, await this.tail());
		return found;
	}
}

/** A machine did not print what was waited for; `tail` is what it printed last. */
export class ConsoleTimeout extends Error {
	override readonly name = "ConsoleTimeout";
	readonly tail: readonly string[];
	constructor(pattern: RegExp, timeout: number, file: string, tail: readonly string[]) {
		super(
			`the console did not show ${pattern} within ${timeout / 1000} s; its last lines (all of it: ${file}):\n${tail.join("\n")}`,
		);
		this.tail = tail;
	}
}

/** Serial consoles end lines with CR LF and redraw with escape sequences, which firmware and systemd make much use of. */
export function plain(text: string): string {
	return text.replace(ESCAPE_SEQUENCE, "").replaceAll("\r", "");
}

const ESC = String.fromCharCode(0x1b);
const BEL = String.fromCharCode(0x07);
/** ECMA-48: commands to the screen, strings to the terminal (title, context), and the short ones. */
const ESCAPE_SEQUENCE = new RegExp(`${ESC}(?:\\[[0-?]*[ -/]*[@-~]|[\\]PX^_].*?(?:${BEL}|${ESC}\\\\)|[ -/]*[0-~])`, "gs");

async function readFrom(file: string, start: number): Promise<string> {
	const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
		if (error.code === "ENOENT") return undefined;
		throw error;
	});
	if (!handle) return "";
	try {
		const { size } = await handle.stat();
		const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.max(0, size - start)), { position: start });
		return buffer.toString("utf8", 0, bytesRead);
	} finally {
		await handle.close();
	}
}
