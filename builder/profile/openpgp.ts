import { createHash } from "node:crypto";

const BEGIN = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
const END = "-----END PGP PUBLIC KEY BLOCK-----";
const PUBLIC_KEY = 6;

/** The armoured block in a text, on its own and with Unix line ends; undefined when there is none. */
export function armouredBlock(text: string): string | undefined {
	const [start, end] = [text.indexOf(BEGIN), text.lastIndexOf(END)];
	if (start < 0 || end < start) return undefined;
	return `${text.slice(start, end + END.length).replaceAll("\r\n", "\n")}\n`;
}

/** Binary keys as ASCII armour, with the checksum: GnuPG 2.2 does not take a block without it. */
export function armour(bytes: Uint8Array): string {
	const lines =
		Buffer.from(bytes)
			.toString("base64")
			.match(/.{1,64}/g) ?? [];
	return [BEGIN, "", ...lines, `=${crc24(bytes)}`, END, ""].join("\n");
}

/** The binary packets of an armoured block. */
export function dearmour(block: string): Uint8Array {
	const body = block.replaceAll(/-----[^\n]*-----|^[\w-]+: .*$|^=.*$/gm, "");
	return Buffer.from(body, "base64");
}

/** Fingerprints of the primary keys in a keyring's bytes, upper case; [] for anything that is none (RFC 9580, 5.5.4). */
export function primaryFingerprints(bytes: Uint8Array): string[] {
	const found: string[] = [];
	for (const { tag, body } of packets(bytes)) {
		if (tag === PUBLIC_KEY && body[0] === 4) found.push(digest("sha1", [0x99, body.length >> 8, body.length & 255], body));
		if (tag === PUBLIC_KEY && body[0] === 6)
			found.push(digest("sha256", [0x9b, 0, 0, body.length >> 8, body.length & 255], body));
	}
	return found;
}

function digest(algorithm: string, head: readonly number[], body: Uint8Array): string {
	return createHash(algorithm).update(Uint8Array.from(head)).update(body).digest("hex").toUpperCase();
}

/** Packets in order, up to the first thing that is none. */
function* packets(bytes: Uint8Array): Generator<{ tag: number; body: Uint8Array }> {
	for (let at = 0; at < bytes.length; ) {
		const first = bytes[at]!;
		if (first < 0x80) return;
		const isNew = (first & 0x40) !== 0;
		const { size, length } = isNew ? newLength(bytes, at + 1) : oldLength(bytes, at + 1, first & 3);
		const start = at + 1 + size;
		if (start + length > bytes.length) return;
		yield { tag: isNew ? first & 0x3f : (first >> 2) & 15, body: bytes.subarray(start, start + length) };
		at = start + length;
	}
}

function oldLength(bytes: Uint8Array, at: number, type: number): { size: number; length: number } {
	const size = [1, 2, 4, 0][type]!;
	return { size, length: size === 0 ? bytes.length - at : bigEndian(bytes.subarray(at, at + size)) };
}

function newLength(bytes: Uint8Array, at: number): { size: number; length: number } {
	const first = bytes[at] ?? 0;
	if (first < 192) return { size: 1, length: first };
	if (first < 224) return { size: 2, length: ((first - 192) << 8) + (bytes[at + 1] ?? 0) + 192 };
	return { size: 5, length: bigEndian(bytes.subarray(at + 1, at + 5)) };
}

function bigEndian(bytes: Uint8Array): number {
	return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

function crc24(bytes: Uint8Array): string {
	let crc = 0xb704ce;
	for (const byte of bytes) {
		crc ^= byte << 16;
		for (let bit = 0; bit < 8; bit++) crc = crc & 0x800000 ? ((crc << 1) ^ 0x864cfb) & 0xffffff : crc << 1;
	}
	return Buffer.from([crc >> 16, (crc >> 8) & 255, crc & 255]).toString("base64");
}
