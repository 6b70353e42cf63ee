import { formatMac, type Mac, macBytes } from "./addresses.ts";

/** A UDP datagram in an IPv4 packet in an Ethernet frame; addresses as numbers. */
export interface UdpPacket {
	readonly source: { readonly mac: Mac; readonly address: number; readonly port: number };
	readonly target: { readonly mac: Mac; readonly address: number; readonly port: number };
	readonly payload: Uint8Array;
}

const ETHERNET = 14;
const IPV4 = 20;
const UDP = 8;
const TYPE_IPV4 = 0x0800;
const PROTOCOL_UDP = 17;
const MORE_FRAGMENTS_OR_OFFSET = 0x3fff;

/** Reads a whole UDP datagram (RFC 894, 791, 768); undefined for anything else, fragments among them. */
export function decodeUdp(frame: Uint8Array): UdpPacket | undefined {
	if (frame.length < ETHERNET + IPV4 + UDP) return undefined;
	const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
	if (view.getUint16(12) !== TYPE_IPV4 || view.getUint8(ETHERNET + 9) !== PROTOCOL_UDP) return undefined;
	if (view.getUint16(ETHERNET + 6) & MORE_FRAGMENTS_OR_OFFSET) return undefined;
	const udp = ETHERNET + (view.getUint8(ETHERNET) & 15) * 4;
	if (frame.length < udp + UDP) return undefined;
	const end = udp + view.getUint16(udp + 4);
	if (end < udp + UDP || end > frame.length) return undefined;
	const mac = (at: number) => formatMac(frame.subarray(at, at + 6));
	return {
		source: { mac: mac(6), address: view.getUint32(ETHERNET + 12), port: view.getUint16(udp) },
		target: { mac: mac(0), address: view.getUint32(ETHERNET + 16), port: view.getUint16(udp + 2) },
		payload: frame.subarray(udp + UDP, end),
	};
}

/** The frame of a datagram, with both checksums: virtio guests may trust nothing less. */
export function encodeUdp({ source, target, payload }: UdpPacket): Uint8Array {
	const frame = new Uint8Array(ETHERNET + IPV4 + UDP + payload.length);
	const view = new DataView(frame.buffer);
	frame.set(macBytes(target.mac), 0);
	frame.set(macBytes(source.mac), 6);
	view.setUint16(12, TYPE_IPV4);
	view.setUint16(ETHERNET, 0x4500);
	view.setUint16(ETHERNET + 2, IPV4 + UDP + payload.length);
	view.setUint16(ETHERNET + 8, (64 << 8) | PROTOCOL_UDP);
	view.setUint32(ETHERNET + 12, source.address);
	view.setUint32(ETHERNET + 16, target.address);
	view.setUint16(ETHERNET + 10, checksum(frame.subarray(ETHERNET, ETHERNET + IPV4)));
	const udp = ETHERNET + IPV4;
	view.setUint16(udp, source.port);
	view.setUint16(udp + 2, target.port);
	view.setUint16(udp + 4, UDP + payload.length);
	frame.set(payload, udp + UDP);
	// RFC 768: over addresses, protocol and length as well; 0 would mean "none".
	const pseudo = PROTOCOL_UDP + UDP + payload.length;
	view.setUint16(udp + 6, checksum(frame.subarray(ETHERNET + 12), pseudo) || 0xffff);
	return frame;
}

/** RFC 1071: the ones' complement of the ones' complement sum of all 16-bit words. */
function checksum(bytes: Uint8Array, start = 0): number {
	let sum = start;
	for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at]! << 8) | (bytes[at + 1] ?? 0);
	while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
	return ~sum & 0xffff;
}
