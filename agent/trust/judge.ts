import type { Announcement, SeedCluster } from "../../core/contract/seed.ts";
import { type OpenedAnnouncement, rolesOf } from "../../core/node/announce.ts";
import { addressRefusal, settleClashes } from "../../core/node/members.ts";
import type { Member } from "../../core/node/types.ts";
import type { Peer } from "../context.ts";
import type { Pin, Trust } from "./trust.ts";

/** One that gossip tells of, its announcement opened. */
export interface Heard {
	readonly opened: OpenedAnnouncement;
	/** `left` went by its own will, `gone` is only not heard. */
	readonly presence: "alive" | "gone" | "left";
	/** Serf's name, for those who say nothing that can be read. */
	readonly label: string;
	/** Changes when the node boots or its clock was put back: WireGuard has to start over with it. */
	readonly up: string;
}

/** A believed node with what only the agent needs of it. */
export interface KnownPeer extends Peer {
	readonly seq: number;
	readonly up: string;
}

export interface Refusal {
	readonly name: string;
	readonly id: string;
	readonly reason: string;
	/** Gossip hears it now. */
	readonly alive: boolean;
	/** As in {@link Heard}. */
	readonly up: string;
}

export interface Judgement {
	readonly peers: readonly KnownPeer[];
	/** Also believed nodes that claim more than is theirs. */
	readonly refused: readonly Refusal[];
	/** `trust` with the names pinned that were seen for the first time. */
	readonly trust: Trust;
	/** Another node has this one's mesh address, and its id is lower. */
	readonly addressLost: boolean;
}

export interface Case {
	readonly cluster: SeedCluster;
	readonly self: Member & { readonly id: string };
	readonly trust: Trust;
	readonly heard: readonly Heard[];
	/** What was believed before, gossip of which may be gone. */
	readonly known: readonly KnownPeer[];
}

/** What is found out on the way. */
interface Findings {
	readonly believed: Map<string, KnownPeer>;
	readonly refused: Refusal[];
	readonly pins: Record<string, Pin>;
	/** Ids of those who went by their own will. */
	readonly left: Set<string>;
}

/** Who is believed, and who is not and why. Pure: the same nodes are believed whatever the order they were heard in. */
export function judge(given: Case): Judgement {
	const found: Findings = { believed: new Map(), refused: [], pins: { ...given.trust.pins }, left: new Set() };
	for (const one of given.heard.toSorted(aliveFirst)) weigh(one, given, found);
	for (const peer of given.known) remember(peer, given.trust, found);
	const addressLost = settleAddresses(given.self, found);
	const { believed, refused, pins } = found;
	return {
		peers: [...believed.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
		refused: refused.toSorted((a, b) => (`${a.name} ${a.id}` < `${b.name} ${b.id}` ? -1 : 1)),
		trust: samePins(pins, given.trust.pins) ? given.trust : { ...given.trust, pins },
		addressLost,
	};
}

/** Believes or refuses one that was heard. */
function weigh(one: Heard, given: Case, found: Findings): void {
	const { opened, label, up } = one;
	const refuse = (name: string, id: string, reason: string) => {
		found.refused.push({ name, id, reason, up, alive: one.presence === "alive" });
	};
	if (!opened.ok) {
		const { name = label, id = "unknown" } = opened.claim ?? {};
		if (id !== given.self.id) refuse(name, id, unreadable(opened.reason, id, found.pins[name]));
		return;
	}
	const { announcement, key } = opened;
	const { name, id } = announcement;
	if (id === given.self.id || found.believed.has(id)) return;
	const reason = refusal(announcement, key, given, found.pins);
	if (reason !== undefined || one.presence === "left") {
		if (reason === undefined) found.left.add(id);
		else refuse(name, id, reason);
		return;
	}
	// A name that was set free, or is new, waits for somebody who is there: its former owner is told of by gossip for long.
	if (one.presence === "gone" && found.pins[name] === undefined) return;
	found.pins[name] = { id, key: key.toString("base64") };
	const { roles, dropped } = rolesOf(announcement, key, given.cluster.controllers);
	for (const role of dropped) refuse(name, id, `claims to be a ${role}; the seed names others`);
	found.believed.set(id, newer(given.known, peerOf(announcement, roles, one)));
}

/** One that was believed before and is not heard any more stays, unless it left, lost its name or is refused by now. */
function remember(peer: KnownPeer, trust: Trust, { believed, refused, pins, left }: Findings): void {
	const { id, name } = peer;
	const out = believed.has(id) || left.has(id) || refused.some((one) => one.id === id) || trust.forgotten.includes(id);
	if (!out && pins[name]?.id === id) believed.set(id, { ...peer, alive: false });
}

/** Takes out those who announce an address that a node with a lower id has; says whether this node is among them. */
function settleAddresses(self: Case["self"], { believed, refused }: Findings): boolean {
	const { lost } = settleClashes<{ readonly id: string; readonly mesh: string }>([self, ...believed.values()]);
	for (const { id, mesh } of lost) {
		const peer = believed.get(id);
		if (peer) refused.push({ ...peer, reason: `announces ${mesh}, which a node with a lower id has` });
		believed.delete(id);
	}
	return lost.some(({ id }) => id === self.id);
}

/** Of two new nodes with one name the one that is there wins, then the one with the lower id. */
function aliveFirst(a: Heard, b: Heard): number {
	const [first, second] = [a.presence === "alive", b.presence === "alive"];
	if (first !== second) return first ? -1 : 1;
	return idOf(a) < idOf(b) ? -1 : 1;
}

function idOf({ opened }: Heard): string {
	return opened.ok ? opened.announcement.id : "";
}

function unreadable(reason: string, id: string, pin: Pin | undefined): string {
	if (reason !== "wrong announce key") return `its announcement does not hold: ${reason}`;
	const known = pin !== undefined && pin.id === id;
	return known
		? "announces under a retired key: it was off during a rotation"
		: "announces under a key that is not this cluster's";
}

/** Why an announcement is not believed, or undefined. */
function refusal(
	announcement: Announcement,
	key: Buffer,
	{ cluster, self, trust }: Case,
	pins: Readonly<Record<string, Pin>>,
): string | undefined {
	const { name, id } = announcement;
	const ours = cluster.controllers.find((one) => one.name === name);
	if (ours && ours.key !== key.toString("base64")) return `the seed has another key for the controller ${name}`;
	if (trust.forgotten.includes(id)) return `was forgotten; clusteros readmit ${name} lets it in again`;
	if (name === self.name) return `another key belongs to the name ${name}: this node's own`;
	const pin = pins[name];
	if (pin && (pin.id !== id || (pin.key !== undefined && pin.key !== key.toString("base64")))) {
		return `another key is pinned for this name; after a new installation: clusteros readmit ${name}`;
	}
	const other = Object.entries(pins).find(([pinned, one]) => one.id === id && pinned !== name);
	if (other) return `its key is pinned as ${other[0]}; clusteros forget ${other[0]} frees it`;
	const known = cluster.nodes.some((node) => node.name === name);
	if (!known && !pin && cluster.join === "approve" && !trust.approved.includes(name)) {
		return `waits for approval: clusteros approve ${name}`;
	}
	return addressRefusal(announcement, cluster);
}

function peerOf({ name, id, wg, endpoint, mesh, seq }: Announcement, roles: Peer["roles"], { presence, up }: Heard): KnownPeer {
	return { name, id, wg, endpoint, mesh, roles, seq, alive: presence === "alive", up };
}

/** An announcement that is older than the one believed is played again by somebody: only whether gossip hears it counts. */
function newer(known: readonly KnownPeer[], peer: KnownPeer): KnownPeer {
	const before = known.find(({ id }) => id === peer.id);
	return before && before.seq > peer.seq ? { ...before, alive: peer.alive } : peer;
}

function samePins(a: Readonly<Record<string, Pin>>, b: Readonly<Record<string, Pin>>): boolean {
	const names = Object.keys(a);
	const same = (name: string) => a[name]?.id === b[name]?.id && a[name]?.key === b[name]?.key;
	return names.length === Object.keys(b).length && names.every(same);
}
