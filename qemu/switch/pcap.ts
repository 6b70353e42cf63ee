import { closeSync, openSync, writeSync } from "node:fs";

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const LINK_ETHERNET = 1;
const SNAP_LENGTH = 65535;
/** Bytes kept back until they are written at once. */
const CHUNK = 64 * 1024;

/** The header of a capture file: pcap 2.4, big endian (draft-ietf-opsawg-pcap). */
export function pcapHeader(): Uint8Array {
	const bytes = Buffer.alloc(24);
	bytes.writeUInt32BE(MAGIC_MICROSECONDS, 0);
	bytes.writeUInt16BE(2, 4);
	bytes.writeUInt16BE(4, 6);
	bytes.writeUInt32BE(SNAP_LENGTH, 16);
	bytes.writeUInt32BE(LINK_ETHERNET, 20);
	return bytes;
}

/** One frame of a capture file; `now` in milliseconds since 1970. */
export function pcapRecord(frame: Uint8Array, now: number): Uint8Array {
	const bytes = Buffer.alloc(16 + frame.length);
	bytes.writeUInt32BE(Math.floor(now / 1000), 0);
	bytes.writeUInt32BE(Math.floor((now % 1000) * 1000), 4);
	bytes.writeUInt32BE(frame.length, 8);
	bytes.writeUInt32BE(frame.length, 12);
	bytes.set(frame, 16);
	return bytes;
}

/** Writes frames to a file that its owner alone can read; at the latest a second after they came. */
export class PcapFile {
	readonly file: string;
	readonly #handle: number;
	readonly #timer: NodeJS.Timeout;
	readonly #fail: (error: Error) => void;
	#kept: Uint8Array[] = [pcapHeader()];
	#size = 0;

	/** `fail` is told once when the disk is full or gone; nothing more is written then. @throws what open(2) says. */
	constructor(file: string, fail: (error: Error) => void) {
		this.file = file;
		this.#fail = fail;
		this.#handle = openSync(file, "w", 0o600);
		this.#timer = setInterval(() => this.#write(), 1000);
		this.#write();
	}

	add(frame: Uint8Array, now: number): void {
		this.#kept.push(pcapRecord(frame, now));
		this.#size += frame.length;
		if (this.#size >= CHUNK) this.#write();
	}

	close(): void {
		clearInterval(this.#timer);
		this.#write();
		closeSync(this.#handle);
	}

	#write(): void {
		const bytes = Buffer.concat(this.#kept);
		this.#kept = [];
		this.#size = 0;
		try {
			for (let at = 0; at < bytes.length; ) at += writeSync(this.#handle, bytes, at);
		} catch (error) {
			clearInterval(this.#timer);
			this.#fail(error as Error);
		}
	}
}
