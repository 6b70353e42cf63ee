import type { KnownPeer } from "../trust/judge.ts";
import type { World } from "../world.ts";
import type { WgInterface } from "./wg.ts";
import { confText, handshakes, makeInterface, removePeers, syncInterface } from "./wg.ts";

/** Seconds after which a handshake is too old: with a keepalive every 25 s WireGuard makes one every 120 to 145 s. */
const STALE = 150;

/** wg0 and its peers. What is not said to have changed is not touched. */
export class Mesh {
	readonly #world: World;
	readonly #wanted: () => WgInterface;
	#applied = "";
	/** Boot and clock steps of each peer when it was last added, by its key. */
	readonly #ups: Map<string, string>;
	/** Unix seconds when a peer was added, by its key: a new one is not stale. */
	readonly #added = new Map<string, number>();
	#shaken: ReadonlyMap<string, number> = new Map();

	/** `known`: the peers of the last run, as the kernel may still have them. */
	constructor(world: World, wanted: () => WgInterface, known: readonly KnownPeer[]) {
		this.#world = world;
		this.#wanted = wanted;
		this.#ups = new Map(known.map(({ wg, up }) => [wg, up]));
	}

	/** Brings wg0 to these peers. One that has booted, or whose clock went back, is met as if for the first time. */
	async sync(peers: readonly KnownPeer[]): Promise<void> {
		await makeInterface(this.#world, this.#wanted());
		const anew = peers.filter(({ wg, up }) => (this.#ups.get(wg) ?? up) !== up).map(({ wg }) => wg);
		await this.#meet(peers, anew);
	}

	/** The interface is gone, or may be: the next sync does all of it. */
	forget(): void {
		this.#applied = "";
	}

	/** All peers are met anew: this node's own clock was put back. */
	async meetAll(peers: readonly KnownPeer[]): Promise<void> {
		await this.#meet(
			peers,
			peers.map(({ wg }) => wg),
		);
	}

	/** Asks when peers last shook hands, and meets those anew that gossip hears and WireGuard has not for too long. */
	async look(peers: readonly KnownPeer[]): Promise<void> {
		this.#shaken = await handshakes(this.#world);
		const stale = peers.filter((peer) => peer.alive && this.#isStale(peer)).map(({ wg }) => wg);
		if (stale.length > 0) await this.#meet(peers, stale);
	}

	/** Age of a peer's last handshake in seconds, as of the last look; undefined before the first. A clock put back makes none negative. */
	age({ wg }: KnownPeer): number | undefined {
		const at = this.#shaken.get(wg);
		return at === undefined ? undefined : Math.max(0, this.#seconds() - at);
	}

	#isStale(peer: KnownPeer): boolean {
		const added = this.#added.get(peer.wg) ?? 0;
		const age = this.age(peer) ?? Number.POSITIVE_INFINITY;
		return Math.min(age, Math.abs(this.#seconds() - added)) > STALE;
	}

	async #meet(peers: readonly KnownPeer[], anew: readonly string[]): Promise<void> {
		const conf = confText(this.#wanted(), peers);
		if (anew.length === 0 && conf === this.#applied) return;
		await removePeers(this.#world, anew);
		await syncInterface(this.#world, this.#wanted(), peers);
		this.#applied = conf;
		for (const { wg, up } of peers) {
			if (anew.includes(wg) || !this.#added.has(wg)) this.#added.set(wg, this.#seconds());
			this.#ups.set(wg, up);
		}
	}

	#seconds(): number {
		return Math.floor(this.#world.now().getTime() / 1000);
	}
}
