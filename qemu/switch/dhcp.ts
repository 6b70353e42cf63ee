import { formatMac, type Mac, macBytes } from "./addresses.ts";

/** A DHCP message (RFC 2131, figure 1) without the fields that nobody here uses; addresses as numbers. */
export interface DhcpMessage {
	readonly op: "request" | "reply";
	readonly xid: number;
	/** The client cannot take unicast before it has its address. */
	readonly broadcast: boolean;
	/** The client's own address, when it has one. */
	readonly ciaddr: number;
	/** The address it is given. */
	readonly yiaddr: number;
	readonly chaddr: Mac;
	/** By code (RFC 2132), without pad and end. */
	readonly options: ReadonlyMap<number, Uint8Array>;
}

/** Option codes of RFC 2132 that are used here. */
export const OPTION = { mask: 1, address: 50, lease: 51, type: 53, server: 54, client: 61 } as const;
/** Values of option 53. */
export const TYPE = { discover: 1, offer: 2, request: 3, decline: 4, ack: 5, nak: 6, release: 7, inform: 8 } as const;

const FIXED = 236;
const COOKIE = 0x63825363;
const PAD = 0;
const END = 255;
/** What a BOOTP client may insist on (RFC 1542, section 2.1). */
const SHORTEST = 300;

/** Reads a message; undefined for what is none, or from a client that is not on Ethernet. */
export function decodeDhcp(bytes: Uint8Array): DhcpMessage | undefined {
	if (bytes.length < FIXED + 4) return undefined;
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const [op, hardware, length] = bytes;
	if (hardware !== 1 || length !== 6 || (op !== 1 && op !== 2) || view.getUint32(FIXED) !== COOKIE) return undefined;
	const options = decodeOptions(bytes.subarray(FIXED + 4));
	return (
		options && {
			op: op === 1 ? "request" : "reply",
			xid: view.getUint32(4),
			broadcast: (view.getUint16(10) & 0x8000) !== 0,
			ciaddr: view.getUint32(12),
			yiaddr: view.getUint32(16),
			chaddr: formatMac(bytes.subarray(28, 34)),
			options,
		}
	);
}

function decodeOptions(bytes: Uint8Array): Map<number, Uint8Array> | undefined {
	const options = new Map<number, Uint8Array>();
	for (let at = 0; at < bytes.length && bytes[at] !== END; ) {
		const code = bytes[at++]!;
		if (code === PAD) continue;
		const length = bytes[at++];
		if (length === undefined || at + length > bytes.length) return undefined;
		// RFC 3396: what comes in parts is one value.
		options.set(code, Uint8Array.from([...(options.get(code) ?? []), ...bytes.subarray(at, at + length)]));
		at += length;
	}
	return options;
}

export function encodeDhcp(message: DhcpMessage): Uint8Array {
	const options = [...message.options].flatMap(([code, value]) => [code, value.length, ...value]);
	const bytes = new Uint8Array(Math.max(SHORTEST, FIXED + 4 + options.length + 1));
	const view = new DataView(bytes.buffer);
	bytes.set([message.op === "request" ? 1 : 2, 1, 6], 0);
	view.setUint32(4, message.xid);
	view.setUint16(10, message.broadcast ? 0x8000 : 0);
	view.setUint32(12, message.ciaddr);
	view.setUint32(16, message.yiaddr);
	bytes.set(macBytes(message.chaddr), 28);
	view.setUint32(FIXED, COOKIE);
	bytes.set([...options, END], FIXED + 4);
	return bytes;
}

/** An option that holds a 32-bit number: an address or a time in seconds. */
export function numberOption(value: number): Uint8Array {
	const bytes = new Uint8Array(4);
	new DataView(bytes.buffer).setUint32(0, value);
	return bytes;
}

export function readNumber(value: Uint8Array | undefined): number | undefined {
	return value?.length === 4 ? new DataView(value.buffer, value.byteOffset).getUint32(0) : undefined;
}
