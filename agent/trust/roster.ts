import type { SeedCluster } from "../../core/contract/seed.ts";
import { type AnnounceKey, type OpenedAnnouncement, openAnnouncement } from "../../core/node/announce.ts";
import type { Order } from "../../core/node/orders.ts";
import type { Member } from "../../core/node/types.ts";
import type { PeerEvent } from "../context.ts";
import { keepFile, readText } from "../files.ts";
import { PEERS } from "../paths.ts";
import type { SerfMember } from "../serf/rpc.ts";
import type { World } from "../world.ts";
import { type Heard, judge, type KnownPeer, type Refusal } from "./judge.ts";
import { eventsBetween } from "./peer-events.ts";
import { loadTrust, obey, saveTrust, type Trust } from "./trust.ts";

/** Serf tag beside the announcement: which boot of the node this is, and how often its clock was put back since. */
export const UP_TAG = "u";

export interface RosterOptions {
	readonly world: World;
	readonly cluster: SeedCluster;
	readonly self: () => Member & { readonly id: string };
	readonly announceKeys: () => readonly AnnounceKey[];
}

/** Who is believed and who is not, as gossip tells it, over boots of this node. */
export class Roster {
	readonly #options: RosterOptions;
	readonly #opened = new Map<string, OpenedAnnouncement>();
	#trust: Trust;
	#peers: readonly KnownPeer[];
	#refused: readonly Refusal[] = [];
	#events: PeerEvent[] = [];
	#members: readonly SerfMember[] = [];
	#addressLost = false;

	constructor(options: RosterOptions) {
		this.#options = options;
		this.#trust = loadTrust(options.world);
		this.#peers = loadPeers(options.world);
	}

	/** Believed nodes by name, also those that gossip does not hear now. */
	get peers(): readonly KnownPeer[] {
		return this.#peers;
	}

	get refused(): readonly Refusal[] {
		return this.#refused;
	}

	get trust(): Trust {
		return this.#trust;
	}

	/** A node with a lower id has this one's mesh address. */
	get addressLost(): boolean {
		return this.#addressLost;
	}

	/** Who waits to be let in under a name, when it is just one: an order about the name means that one. */
	waitingId(name: string): string | undefined {
		const ids = this.#refused.filter((one) => one.name === name && one.alive).map(({ id }) => id);
		return ids.length === 1 && ids[0] !== "unknown" ? ids[0] : undefined;
	}

	/** What came and went since it was last asked. */
	takeEvents(): PeerEvent[] {
		const events = this.#events;
		this.#events = [];
		return events;
	}

	/** Takes in what gossip tells now; returns the refusals that are new. */
	update(members: readonly SerfMember[]): Refusal[] {
		this.#members = members;
		const before = { peers: this.#peers, refused: this.#refused };
		const { cluster, self } = this.#options;
		const heard = members.map((member) => this.#heard(member));
		const found = judge({ cluster, self: self(), trust: this.#trust, heard, known: this.#peers });
		// Pins first: after a power cut a peer without a pin would be anybody's.
		if (found.trust !== this.#trust) saveTrust(this.#options.world, found.trust);
		this.#trust = found.trust;
		this.#peers = found.peers;
		this.#refused = found.refused;
		this.#addressLost = found.addressLost;
		this.#events.push(...eventsBetween(before.peers, found.peers));
		savePeers(this.#options.world, found.peers);
		return found.refused.filter((one) => !before.refused.some(({ id, reason }) => id === one.id && reason === one.reason));
	}

	/** Obeys an order; false when it was obeyed before. Others are judged anew. */
	obey(order: Order, by: string): boolean {
		const trust = obey(this.#trust, order, by);
		if (trust === undefined) return false;
		saveTrust(this.#options.world, trust);
		this.#trust = trust;
		this.update(this.#members);
		return true;
	}

	/** Keys have changed: announcements are opened anew. */
	reopen(): void {
		this.#opened.clear();
		this.update(this.#members);
	}

	/** Opening costs two signatures' worth of arithmetic, and gossip tells the same again and again. */
	#heard({ name, status, tags }: SerfMember): Heard {
		const seal = [tags.a, tags.k, tags.s, tags.m].join("\n");
		let opened = this.#opened.get(seal);
		if (opened === undefined) {
			opened = openAnnouncement(tags, this.#options.announceKeys());
			this.#opened.set(seal, opened);
		}
		const presence = status === "alive" ? "alive" : status === "left" || status === "leaving" ? "left" : "gone";
		return { opened, presence, label: name, up: tags[UP_TAG] ?? "" };
	}
}

function loadPeers(world: World): KnownPeer[] {
	try {
		const peers = JSON.parse(readText(world, PEERS) ?? "[]") as KnownPeer[];
		return peers.map((peer) => ({ ...peer, alive: false }));
	} catch {
		// Gossip tells it all again.
		return [];
	}
}

function savePeers(world: World, peers: readonly KnownPeer[]): void {
	const kept = peers.map((peer) => ({ ...peer, alive: false }));
	keepFile(world, { path: PEERS, content: `${JSON.stringify(kept, null, "\t")}\n`, mode: 0o600 });
}
