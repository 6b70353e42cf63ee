import { describe, expect, it } from "vitest";
import { formatIpv4, ipv4Number, macBytes, parseNetwork } from "../../../qemu/switch/addresses.ts";
import { type DhcpMessage, decodeDhcp, encodeDhcp, numberOption, OPTION, readNumber, TYPE } from "../../../qemu/switch/dhcp.ts";
import { answerDhcp, SERVER_MAC } from "../../../qemu/switch/dhcp-server.ts";
import { Leases } from "../../../qemu/switch/leases.ts";
import { decodeUdp, encodeUdp } from "../../../qemu/switch/packet.ts";
import { frame, hex, MAC } from "./frames.ts";

const LAN = parseNetwork("192.168.77.0/24");

/**
 * A DISCOVER: no broadcast flag, hardware type and MAC as client identifier, a list of wanted options.
 */
const DISCOVER = hex(
	`
	ffffffffffff 52540000000a 0800
	4500 0134 0000 4000 4011 39ba 00000000 ffffffff
	0044 0043 0120 0000
	01010600 deadbeef 0001 0000 00000000 00000000 00000000 00000000 52540000000a 00000000000000000000
	${"00".repeat(192)} 63825363
	350101 3d07 01 52540000000a 370a 01 03 06 0c 0f 1a 21 77 78 79 3902 05c0 ff ${"00".repeat(12)}
`,
);

function message(changes: Partial<DhcpMessage> & { type: number; more?: [number, Uint8Array][] }): DhcpMessage {
	const { type, more = [], ...rest } = changes;
	const options = new Map([[OPTION.type as number, Uint8Array.of(type)], ...more]);
	return { op: "request", xid: 7, broadcast: false, ciaddr: 0, yiaddr: 0, chaddr: MAC.a, options, ...rest };
}

function leases(): Leases {
	const all = new Leases(LAN);
	all.fix(MAC.a, ipv4Number("192.168.77.11"));
	return all;
}

/** The server's answer to a message, as a client reads it. */
function ask(request: DhcpMessage, known = leases()) {
	const source = { mac: request.chaddr, address: request.ciaddr, port: 68 };
	const target = { mac: MAC.all, address: 0xffffffff, port: 67 };
	const reply = answerDhcp(encodeUdp({ source, target, payload: encodeDhcp(request) }), LAN, known);
	if (!reply) return reply;
	const packet = decodeUdp(reply)!;
	return { packet, message: decodeDhcp(packet.payload)! };
}

describe("the codec", () => {
	it("reads a DISCOVER byte by byte", () => {
		const packet = decodeUdp(DISCOVER)!;
		expect(packet.source).toEqual({ mac: MAC.a, address: 0, port: 68 });
		expect(packet.target).toEqual({ mac: MAC.all, address: 0xffffffff, port: 67 });
		const read = decodeDhcp(packet.payload)!;
		expect(read).toMatchObject({ op: "request", xid: 0xdeadbeef, broadcast: false, ciaddr: 0, chaddr: MAC.a });
		expect(Object.fromEntries(read.options)).toEqual({
			53: Uint8Array.of(1),
			61: Uint8Array.of(1, ...macBytes(MAC.a)),
			55: Uint8Array.of(1, 3, 6, 12, 15, 26, 33, 0x77, 0x78, 0x79),
			57: Uint8Array.of(5, 0xc0),
		});
	});

	it("writes an OFFER byte by byte, with both checksums", () => {
		const reply = answerDhcp(DISCOVER, LAN, leases())!;
		expect(Buffer.from(reply).toString("hex")).toBe(
			hex(`
				52540000000a 0ec105000001 0800
				4500 0148 0000 0000 4011 5e48 c0a84d01 c0a84d0b
				0043 0044 0134 ddf5
				02010600 deadbeef 0000 0000 00000000 c0a84d0b 00000000 00000000 52540000000a 00000000000000000000
				${"00".repeat(192)} 63825363
				350102 3604c0a84d01 0104ffffff00 3304ffffffff 3d0701 52540000000a ff
				${"00".repeat(300 - 240 - 31)}
			`).toString("hex"),
		);
	});

	it("reads back what it writes", () => {
		const sent = message({ type: TYPE.request, broadcast: true, ciaddr: 5, yiaddr: 6, more: [[50, numberOption(0xc0a84d0b)]] });
		expect(decodeDhcp(encodeDhcp(sent))).toEqual(sent);
	});

	it.each([
		["too short", hex("0101")],
		["without the cookie", encodeDhcp(message({ type: 1 })).fill(0, 236, 240)],
		["not from Ethernet", encodeDhcp(message({ type: 1 })).fill(6, 1, 2)],
		["with an option that goes beyond its end", Buffer.concat([encodeDhcp(message({ type: 1 })).subarray(0, 240), hex("3505")])],
	])("does not read what is %s", (_, bytes) => {
		expect(decodeDhcp(bytes)).toBeUndefined();
	});

	it("joins an option that comes in parts", () => {
		const bytes = Buffer.concat([encodeDhcp(message({ type: 1 })).subarray(0, 240), hex("3d0201aa 00 3d01bb ff")]);
		expect(decodeDhcp(bytes)!.options.get(61)).toEqual(Uint8Array.of(1, 0xaa, 0xbb));
	});
});

describe("the server", () => {
	it("offers and confirms a known machine its own address, for ever, without a router", () => {
		const known = leases();
		const offer = ask(message({ type: TYPE.discover }), known)!;
		expect(offer.message.options.get(OPTION.type)).toEqual(Uint8Array.of(TYPE.offer));
		expect(formatIpv4(offer.message.yiaddr)).toBe("192.168.77.11");
		const more: [number, Uint8Array][] = [
			[OPTION.address, numberOption(offer.message.yiaddr)],
			[OPTION.server, offer.message.options.get(OPTION.server)!],
		];
		const ack = ask(message({ type: TYPE.request, more }), known)!;
		expect(ack.message.options.get(OPTION.type)).toEqual(Uint8Array.of(TYPE.ack));
		expect(readNumber(ack.message.options.get(OPTION.lease))).toBe(0xffffffff);
		expect([...ack.message.options.keys()].sort()).toEqual([1, 51, 53, 54]);
		expect(ack.packet.source.mac).toBe(SERVER_MAC);
		expect(ack.packet.target).toEqual({ mac: MAC.a, address: ack.message.yiaddr, port: 68 });
	});

	it("answers to all where the client asks for that", () => {
		const { target } = ask(message({ type: TYPE.discover, broadcast: true }))!.packet;
		expect(target).toEqual({ mac: MAC.all, address: 0xffffffff, port: 68 });
	});

	it("refuses an address that is another's, and stays silent when another server was chosen", () => {
		const wrong: [number, Uint8Array] = [OPTION.address, numberOption(ipv4Number("192.168.77.12"))];
		const nak = ask(message({ type: TYPE.request, more: [wrong] }))!;
		expect(nak.message.options.get(OPTION.type)).toEqual(Uint8Array.of(TYPE.nak));
		expect(nak.message).toMatchObject({ yiaddr: 0 });
		expect(nak.packet.target.mac).toBe(MAC.all);
		const other: [number, Uint8Array] = [OPTION.server, numberOption(1)];
		expect(ask(message({ type: TYPE.request, more: [wrong, other] }))).toBeNull();
	});

	it("renews what the client has", () => {
		const ack = ask(message({ type: TYPE.request, ciaddr: ipv4Number("192.168.77.11") }))!;
		expect(ack.message.options.get(OPTION.type)).toEqual(Uint8Array.of(TYPE.ack));
	});

	it("lets every other frame pass", () => {
		expect(answerDhcp(frame(MAC.b, MAC.a), LAN, leases())).toBeUndefined();
		const dns = { source: { mac: MAC.a, address: 1, port: 68 }, target: { mac: MAC.b, address: 2, port: 53 } };
		expect(answerDhcp(encodeUdp({ ...dns, payload: Buffer.from("x") }), LAN, leases())).toBeUndefined();
	});

	it("has nothing to say to nonsense and to a release", () => {
		const target = { mac: MAC.all, address: 0xffffffff, port: 67 };
		const nonsense = encodeUdp({ source: { mac: MAC.a, address: 0, port: 68 }, target, payload: Buffer.from("x") });
		expect(answerDhcp(nonsense, LAN, leases())).toBeNull();
		expect(ask(message({ type: TYPE.release }))).toBeNull();
	});
});

describe("Leases", () => {
	it("gives unknown machines addresses of the upper half, each its own, the same again", () => {
		const all = leases();
		const macs = Array.from({ length: 100 }, (_, i) => `52:54:00:00:01:${i.toString(16).padStart(2, "0")}`);
		const given = macs.map((mac) => all.addressOf(mac)!);
		expect(new Set(given).size).toBe(100);
		for (const address of given) expect(Number(formatIpv4(address).split(".")[3])).toSatisfy((n: number) => n >= 128 && n <= 254);
		expect(macs.map((mac) => all.addressOf(mac))).toEqual(given);
	});

	it("runs out rather than giving one address twice", () => {
		const all = new Leases(parseNetwork("10.0.0.0/29"));
		const given = ["01", "02", "03", "04"].map((end) => all.addressOf(`52:54:00:00:00:${end}`));
		expect(
			given
				.slice(0, 3)
				.map((address) => formatIpv4(address!))
				.toSorted(),
		).toEqual(["10.0.0.4", "10.0.0.5", "10.0.0.6"]);
		expect(given[3]).toBeUndefined();
	});

	it("leaves a machine alone that sets an address of another network itself", () => {
		const all = leases();
		all.fix(MAC.b, ipv4Number("10.1.2.3"));
		expect(all.addressOf(MAC.b)).toBeUndefined();
	});
});
