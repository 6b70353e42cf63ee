import { isInside, type Mac, macBytes, type Network } from "./addresses.ts";

/** Who has which address (as a number) on the LAN. Known machines keep theirs; unknown ones get one of the upper half. */
export class Leases {
	readonly #network: Network;
	readonly #fixed = new Map<Mac, number>();
	readonly #pool = new Map<Mac, number>();

	constructor(network: Network) {
		this.#network = network;
	}

	/** A known machine. An address of another network is one that the node sets itself: nothing is leased then. */
	fix(mac: Mac, address: number): void {
		this.#fixed.set(mac, address);
	}

	/** The address of that machine, now and later; undefined when there is none for it. */
	addressOf(mac: Mac): number | undefined {
		const fixed = this.#fixed.get(mac);
		if (fixed !== undefined) return isInside(fixed, this.#network) ? fixed : undefined;
		const known = this.#pool.get(mac);
		if (known !== undefined) return known;
		const free = this.#firstFree(mac);
		if (free !== undefined) this.#pool.set(mac, free);
		return free;
	}

	get size(): number {
		return this.#fixed.size + this.#pool.size;
	}

	/** From a place that depends on the MAC alone: after a restart of the switch most machines get what they had. */
	#firstFree(mac: Mac): number | undefined {
		const { first, mask } = this.#network;
		const half = (~mask >>> 0) / 2;
		const start = first + Math.ceil(half);
		const count = Math.floor(half);
		const taken = new Set([...this.#pool.values(), ...this.#fixed.values()]);
		const hash = macBytes(mac).reduce((sum, byte) => (sum * 31 + byte) % count, 0);
		for (let i = 0; i < count; i++) {
			const address = start + ((hash + i) % count);
			if (!taken.has(address)) return address;
		}
		return undefined;
	}
}
