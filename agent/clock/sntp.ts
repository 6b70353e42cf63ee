import { createSocket } from "node:dgram";

/** Seconds from 1900, where NTP counts from, to 1970. */
const NTP_TO_UNIX = 2_208_988_800;
const PACKET = 48;
/** Version 4, mode 3: a client (RFC 4330). */
const CLIENT = 0x23;
const PORT = 123;

export interface Asking {
	readonly port?: number;
	/** Milliseconds. */
	readonly timeout: number;
	/** Milliseconds since 1970. */
	readonly now?: () => number;
}

/**
 * By how many seconds the clock of `address` is ahead of ours, asked once by SNTP: a daemon needs seconds to tell.
 * undefined without an answer in time, or from one that has no time itself.
 */
export function clockAhead(address: string, { port = PORT, timeout, now = Date.now }: Asking): Promise<number | undefined> {
	return new Promise((resolve) => {
		const socket = createSocket("udp4");
		const sent = now();
		const done = (ahead?: number) => {
			clearTimeout(timer);
			socket.close();
			resolve(ahead);
		};
		const timer = setTimeout(done, timeout);
		socket.once("error", () => done());
		socket.once("message", (reply) => done(aheadBy(reply, sent, now())));
		// Connected: only that address can answer, and "port unreachable" is an error at once.
		socket.connect(port, address, () => socket.send(request(sent)));
	});
}

function request(sent: number): Buffer {
	const packet = Buffer.alloc(PACKET);
	packet[0] = CLIENT;
	writeTime(packet, 40, sent);
	return packet;
}

function aheadBy(reply: Buffer, sent: number, received: number): number | undefined {
	if (reply.length < PACKET || !isServing(reply)) return undefined;
	const [theirReceive, theirSend] = [readTime(reply, 32), readTime(reply, 40)];
	return (theirReceive - sent + theirSend - received) / 2000;
}

/** A server (mode 4) whose clock follows something: leap indicator 3 and strata 0 and 16 say that it does not. */
function isServing(reply: Buffer): boolean {
	const [flags, stratum] = [reply[0]!, reply[1]!];
	return (flags & 7) === 4 && flags >> 6 !== 3 && stratum > 0 && stratum < 16;
}

function writeTime(packet: Buffer, offset: number, milliseconds: number): void {
	packet.writeUInt32BE((Math.floor(milliseconds / 1000) + NTP_TO_UNIX) >>> 0, offset);
	packet.writeUInt32BE(Math.floor(((milliseconds % 1000) / 1000) * 2 ** 32), offset + 4);
}

/** Milliseconds since 1970. Seconds below 2^31 are of the era that began in 2036 (RFC 4330, section 3). */
function readTime(packet: Buffer, offset: number): number {
	const seconds = packet.readUInt32BE(offset);
	const era = seconds < 2 ** 31 ? 2 ** 32 : 0;
	return (seconds + era - NTP_TO_UNIX) * 1000 + (packet.readUInt32BE(offset + 4) / 2 ** 32) * 1000;
}
