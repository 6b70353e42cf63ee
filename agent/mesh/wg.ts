import { existsSync } from "node:fs";
import { keepFile } from "../files.ts";
import { NETWORK_CLASS, WIREGUARD_CONF } from "../paths.ts";
import type { World } from "../world.ts";

export const INTERFACE = "wg0";
const MTU = 1420;
/** Seconds: keeps the way open through NAT, and a handshake fresh also between nodes that have nothing to say. */
const KEEPALIVE = 25;

export interface WgPeer {
	/** Public key, base64. */
	readonly wg: string;
	readonly endpoint: string;
	readonly mesh: string;
}

export interface WgInterface {
	readonly secret: string;
	readonly port: number;
	/** ADDRESS/PREFIX in the mesh. */
	readonly address: string;
}

/** Makes the interface and gives it its address, one and no other; where all of it is there, nothing is touched. */
export async function makeInterface(world: World, { address }: WgInterface): Promise<void> {
	const made = existsSync(`${world.root}${NETWORK_CLASS}/${INTERFACE}`);
	// Of interfaces that are up.
	const there = world
		.interfaces()
		[INTERFACE]?.filter(({ family }) => family === "IPv4")
		.map(({ cidr }) => cidr);
	if (made && there?.length === 1 && there[0] === address) return;
	const lines = [
		made ? `address flush dev ${INTERFACE} scope global` : `link add ${INTERFACE} type wireguard`,
		`address replace ${address} dev ${INTERFACE}`,
		`link set ${INTERFACE} mtu ${MTU} up`,
	];
	await world.exec(["ip", "-batch", "-"], { input: `${lines.join("\n")}\n` });
}

/** Key, port and exactly these peers; `wg syncconf` leaves peers alone that stay as they are. */
export async function syncInterface(world: World, wanted: WgInterface, peers: readonly WgPeer[]): Promise<void> {
	keepFile(world, { path: WIREGUARD_CONF, content: confText(wanted, peers), mode: 0o600 });
	await world.exec(["wg", "syncconf", INTERFACE, world.root + WIREGUARD_CONF]);
}

/** Forgets all that the kernel knows of peers, to meet them as if for the first time; they have to be added again. */
export async function removePeers(world: World, keys: readonly string[]): Promise<void> {
	if (keys.length === 0) return;
	await world.exec(["wg", "set", INTERFACE, ...keys.flatMap((key) => ["peer", key, "remove"])]);
}

/** When each peer last shook hands, by public key: seconds since 1970; those who never did are left out. */
export async function handshakes(world: World): Promise<Map<string, number>> {
	const { stdout } = await world.exec(["wg", "show", INTERFACE, "latest-handshakes"]);
	const pairs = stdout.split("\n").map((line) => line.split("\t"));
	return new Map(pairs.flatMap(([key = "", time]) => (Number(time) > 0 ? [[key, Number(time)] as const] : [])));
}

/** wg(8), configuration file. */
export function confText({ secret, port }: WgInterface, peers: readonly WgPeer[]): string {
	const own = ["[Interface]", `PrivateKey = ${secret}`, `ListenPort = ${port}`];
	const others = peers.flatMap(({ wg, endpoint, mesh }) => [
		"[Peer]",
		`PublicKey = ${wg}`,
		`AllowedIPs = ${mesh}/32`,
		`Endpoint = ${endpoint}`,
		`PersistentKeepalive = ${KEEPALIVE}`,
	]);
	return `${[...own, ...others].join("\n")}\n`;
}
