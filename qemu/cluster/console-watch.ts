import { open, stat } from "node:fs/promises";
import { StringDecoder } from "node:string_decoder";
import { plain } from "../serial.ts";
import { afterLine, NOT_STARTED, type NodeView } from "./console-lines.ts";

/** Follows one serial log: reads what was appended since the last look. */
export class ConsoleWatch {
	view: NodeView = NOT_STARTED;
	readonly file: string;
	#at: number;
	#rest = "";
	#decoder = new StringDecoder("utf8");

	/** From `at` (bytes) on; 0 takes in what earlier boots said, too. */
	constructor(file: string, at: number) {
		this.file = file;
		this.#at = at;
	}

	/** Looks once. True when the view has changed. */
	async look(): Promise<boolean> {
		const text = this.#rest + this.#decoder.write(await this.#read());
		const lines = text.split("\n");
		this.#rest = lines.pop()!;
		const before = this.view;
		this.view = lines.reduce((view, line) => afterLine(view, plain(line)), before);
		return this.view !== before;
	}

	async #read(): Promise<Buffer> {
		const size = await stat(this.file).then(
			(found) => found.size,
			() => 0,
		);
		// Begun anew, with a new disk.
		if (size < this.#at) this.#at = 0;
		if (size === this.#at) return Buffer.alloc(0);
		await using handle = await open(this.file);
		const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - this.#at), { position: this.#at });
		this.#at += bytesRead;
		return buffer.subarray(0, bytesRead);
	}
}

/** Bytes that a log has now: a watch that starts there sees what comes next. */
export async function sizeOf(file: string): Promise<number> {
	return stat(file).then(
		(found) => found.size,
		() => 0,
	);
}
