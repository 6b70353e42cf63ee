import { open } from "node:fs/promises";

/** A value to look for, and what it is called. */
export interface Needle {
	readonly label: string;
	readonly bytes: Buffer;
}

const CHUNK = 16 * 1024 * 1024;
const ZEROS = Buffer.alloc(CHUNK);

/** Looks for many values in one pass: by their first two bytes, which are rare enough together. */
export class ByteSearch {
	readonly #byStart = new Map<number, Needle[]>();
	readonly #starts = new Uint8Array(65_536);
	readonly #longest: number;

	constructor(needles: readonly Needle[]) {
		for (const needle of needles) {
			const start = needle.bytes.readUInt16BE(0);
			this.#starts[start] = 1;
			this.#byStart.set(start, [...(this.#byStart.get(start) ?? []), needle]);
		}
		this.#longest = Math.max(0, ...needles.map(({ bytes }) => bytes.length));
	}

	/** Labels of the values that are in `bytes`. */
	in(bytes: Uint8Array): Set<string> {
		const found = new Set<string>();
		for (let i = 0, start = bytes[0]! << 8; i < bytes.length - 1; i++, start = bytes[i]! << 8) {
			if (this.#starts[start | bytes[i + 1]!] === 0) continue;
			for (const { label, bytes: wanted } of this.#byStart.get(start | bytes[i + 1]!)!) {
				if (!found.has(label) && wanted.equals(bytes.subarray(i, i + wanted.length))) found.add(label);
			}
		}
		return found;
	}

	/** Labels of the values that are in a file, or in `size` bytes of it from `start` on. */
	async inFile(path: string, start = 0, size = Number.POSITIVE_INFINITY): Promise<Set<string>> {
		const found = new Set<string>();
		await using file = await open(path);
		const buffer = Buffer.alloc(CHUNK);
		const end = start + size;
		for (let at = start; at < end; ) {
			const { bytesRead } = await file.read(buffer, 0, Math.min(CHUNK, end - at), at);
			const bytes = buffer.subarray(0, bytesRead);
			// Disks are mostly empty.
			if (!bytes.equals(ZEROS.subarray(0, bytesRead))) for (const label of this.in(bytes)) found.add(label);
			if (bytesRead < CHUNK) break;
			// A value may lie across two chunks.
			at += CHUNK - this.#longest;
		}
		return found;
	}
}
