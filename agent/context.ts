import type { Purpose } from "../core/contract/purposes.ts";
import type { SeedCluster, SeedSecrets } from "../core/contract/seed.ts";
import type { Member, NodeView } from "../core/node/types.ts";
import type { Identity } from "./identity.ts";
import type { World } from "./world.ts";

/** Another node that is believed: its announcement verified and its key pinned. */
export interface Peer extends Member {
	readonly id: string;
	/** WireGuard public key, base64. */
	readonly wg: string;
	/** ADDRESS:PORT on the LAN. */
	readonly endpoint: string;
	/** Gossip hears it now. */
	readonly alive: boolean;
}

/** What gossip told of a peer: asked for by states that act when somebody comes or goes. */
export interface PeerEvent {
	readonly kind: "joined" | "vanished" | "changed" | "forgotten";
	readonly peer: Peer;
}

/** One key of the seed and its generation. */
export interface SecretKey {
	readonly generation: number;
	readonly key: Buffer;
}

/** What every state works with, once the node has found its seed and its entry in it. */
export interface Context {
	readonly world: World;
	readonly identity: Identity;
	readonly cluster: SeedCluster;
	/** Read anew when a rotation has brought newer generations. */
	secrets(): SeedSecrets;
	/** The key that is in use for a purpose (a rotation brings newer ones first, and puts them to use later); undefined when the seed has none. */
	key(purpose: Purpose): SecretKey | undefined;
	readonly self: Member;
	/** All believed nodes but this one, sorted by name. */
	peers(): readonly Peer[];
	/** For the renderers of core/node: this node and its peers. */
	view(): NodeView;
}
