import type { Order } from "../../core/node/orders.ts";
import { keepFile, readText } from "../files.ts";
import { PINS } from "../paths.ts";
import type { World } from "../world.ts";

/** Whose key a name is bound to. */
export interface Pin {
	readonly id: string;
	/** Raw public key, base64; absent where an order named the id and the node has not been heard since. */
	readonly key?: string | undefined;
}

/** What a node keeps of who may be whom (`/var/lib/clusteros/pins.json`). */
export interface Trust {
	/** By name of the node. */
	readonly pins: Readonly<Record<string, Pin>>;
	/** Ids that may not come back until they are readmitted. */
	readonly forgotten: readonly string[];
	/** Names that a controller has let in where `join = "approve"`. */
	readonly approved: readonly string[];
	/** Number of the newest order that was obeyed, by `controller/name`. */
	readonly orders: Readonly<Record<string, number>>;
}

export const NO_TRUST: Trust = { pins: {}, forgotten: [], approved: [], orders: {} };

export function loadTrust(world: World): Trust {
	const text = readText(world, PINS);
	if (text === undefined) return NO_TRUST;
	try {
		return { ...NO_TRUST, ...(JSON.parse(text) as Partial<Trust>) };
	} catch (error) {
		throw new Error(`${PINS}: ${(error as Error).message}; bring it back from a backup, or remove it to pin everybody anew`);
	}
}

export function saveTrust(world: World, trust: Trust): void {
	keepFile(world, { path: PINS, content: `${JSON.stringify(trust, null, "\t")}\n`, mode: 0o600 });
}

/** The trust after an order; undefined when it was obeyed before, or a newer one about the same node was. */
export function obey(trust: Trust, order: Order, by: string): Trust | undefined {
	const { op, name, id, seq } = order;
	const about = `${by}/${name}`;
	if (seq <= (trust.orders[about] ?? -1)) return undefined;
	const orders = { ...trust.orders, [about]: seq };
	if (op === "forget") return { ...forget(trust, name, id), orders };
	const approved = [...new Set([...trust.approved, name])];
	if (op === "approve") return { ...trust, approved, orders };
	return { ...readmit(trust, name, id), approved, orders };
}

/** The name is free for another key, of which `id` is the only one meant; who held it before stays out. */
function readmit(trust: Trust, name: string, id: string | undefined): Trust {
	const { [name]: before, ...pins } = trust.pins;
	if (id === undefined) return { ...trust, pins };
	const others = Object.fromEntries(Object.entries(pins).filter(([, pin]) => pin.id !== id));
	const out = [...trust.forgotten, ...(before && before.id !== id ? [before.id] : [])].filter((one) => one !== id);
	const pin = before?.id === id ? before : { id };
	return { ...trust, pins: { ...others, [name]: pin }, forgotten: [...new Set(out)] };
}

function forget(trust: Trust, name: string, id: string | undefined): Trust {
	const { [name]: before, ...pins } = trust.pins;
	const ids = [id, before?.id].filter((one) => one !== undefined);
	const approved = trust.approved.filter((one) => one !== name);
	return { ...trust, pins, approved, forgotten: [...new Set([...trust.forgotten, ...ids])] };
}
