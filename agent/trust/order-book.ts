import type { KeyObject } from "node:crypto";
import { type Order, sealOrder } from "../../core/node/orders.ts";
import { keepFile, readText } from "../files.ts";
import { ORDERS } from "../paths.ts";
import type { World } from "../world.ts";

/** Serf's user event that brings an order. */
export const ORDER = "clusteros-order";

/** One order as it was signed. */
interface Entry {
	readonly by: string;
	readonly name: string;
	readonly seq: number;
	readonly text: string;
}

/** Orders that a controller keeps, to tell them to nodes that were off: of each controller the last one about each node. */
export class OrderBook {
	readonly #world: World;
	#entries: readonly Entry[];

	constructor(world: World) {
		this.#world = world;
		this.#entries = load(world);
	}

	/** In the order they were given. */
	get texts(): readonly string[] {
		return this.#entries.map(({ text }) => text);
	}

	/** Signs an order under a number higher than any before, also when the book was lost. */
	seal(order: Omit<Order, "seq">, key: KeyObject, now: Date): string {
		const last = Math.max(0, ...this.#entries.map(({ seq }) => seq));
		return sealOrder({ ...order, seq: Math.max(last + 1, now.getTime()) }, key);
	}

	keep(text: string, { name, seq }: Order, by: string): void {
		const isSame = (entry: Entry) => entry.by === by && entry.name === name;
		if (this.#entries.some((entry) => isSame(entry) && entry.seq >= seq)) return;
		const others = this.#entries.filter((entry) => !isSame(entry));
		this.#entries = [...others, { by, name, seq, text }].toSorted((a, b) => a.seq - b.seq);
		keepFile(this.#world, { path: ORDERS, content: `${JSON.stringify(this.#entries, null, "\t")}\n`, mode: 0o600 });
	}
}

function load(world: World): Entry[] {
	try {
		return JSON.parse(readText(world, ORDERS) ?? "[]") as Entry[];
	} catch {
		// Nodes that heard them have obeyed; new ones get a higher number from the clock.
		return [];
	}
}
