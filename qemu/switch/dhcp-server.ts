import type { Mac, Network } from "./addresses.ts";
import { type DhcpMessage, decodeDhcp, encodeDhcp, numberOption, OPTION, readNumber, TYPE } from "./dhcp.ts";
import type { Leases } from "./leases.ts";
import { decodeUdp, encodeUdp } from "./packet.ts";

const SERVER_PORT = 67;
const CLIENT_PORT = 68;
const BROADCAST = 0xffffffff;
const BROADCAST_MAC = "ff:ff:ff:ff:ff:ff";
/** Locally administered, and not of the range that the machines have. */
export const SERVER_MAC: Mac = "0e:c1:05:00:00:01";
/** RFC 2131, section 3.3: infinity. Nobody has to renew, so that a paused machine does not lose its address. */
const FOR_EVER = 0xffffffff;

/**
 * The answer to a frame when that is a DHCP client's (RFC 2131): a frame to send back to who sent it, or null where
 * there is nothing to say; undefined when the frame is no DHCP request and goes its way. Gives an address and a mask, no router and
 * no DNS: the LAN leads nowhere.
 */
export function answerDhcp(frame: Uint8Array, lan: Network, leases: Leases): Uint8Array | null | undefined {
	const packet = decodeUdp(frame);
	if (packet?.target.port !== SERVER_PORT) return undefined;
	const request = decodeDhcp(packet.payload);
	if (request?.op !== "request") return null;
	const reply = answer(request, lan, leases);
	if (!reply) return null;
	const toAll = request.broadcast || reply.options.get(OPTION.type)![0] === TYPE.nak;
	return encodeUdp({
		source: { mac: SERVER_MAC, address: serverOf(lan), port: SERVER_PORT },
		target: {
			mac: toAll ? BROADCAST_MAC : request.chaddr,
			address: toAll ? BROADCAST : request.ciaddr || reply.yiaddr,
			port: CLIENT_PORT,
		},
		payload: encodeDhcp(reply),
	});
}

/** The server's own address: the network's first. */
function serverOf(lan: Network): number {
	return lan.first + 1;
}

function answer(request: DhcpMessage, lan: Network, leases: Leases): DhcpMessage | undefined {
	const address = leases.addressOf(request.chaddr);
	if (address === undefined) return undefined;
	const type = request.options.get(OPTION.type)?.[0];
	if (type === TYPE.discover) return reply(request, TYPE.offer, address, lan);
	if (type === TYPE.inform) return reply(request, TYPE.ack, 0, lan);
	if (type !== TYPE.request) return undefined;
	const chosen = readNumber(request.options.get(OPTION.server));
	// It took another server's offer.
	if (chosen !== undefined && chosen !== serverOf(lan)) return undefined;
	const wanted = readNumber(request.options.get(OPTION.address)) ?? request.ciaddr;
	return reply(request, wanted === address ? TYPE.ack : TYPE.nak, address, lan);
}

/** RFC 2131, table 3: what each kind of answer may hold. */
function reply(request: DhcpMessage, type: number, address: number, lan: Network): DhcpMessage {
	const options = new Map([
		[OPTION.type as number, Uint8Array.of(type)],
		[OPTION.server, numberOption(serverOf(lan))],
	]);
	if (type !== TYPE.nak) options.set(OPTION.mask, numberOption(lan.mask));
	if (type !== TYPE.nak && address !== 0) options.set(OPTION.lease, numberOption(FOR_EVER));
	// RFC 6842: the client's name for itself goes back to it.
	const client = request.options.get(OPTION.client);
	if (client) options.set(OPTION.client, client);
	const { xid, broadcast, chaddr } = request;
	const ciaddr = type === TYPE.nak ? 0 : request.ciaddr;
	return { op: "reply", xid, broadcast, ciaddr, yiaddr: type === TYPE.nak ? 0 : address, chaddr, options };
}
