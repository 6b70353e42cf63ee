import { type KeyObject, sign, verify } from "node:crypto";
import type { SeedCluster } from "../contract/seed.ts";
import { isNodeId, isNodeName } from "./announcement.ts";
import { canonical, readCanonical } from "./canonical.ts";
import { publicKeyOf } from "./keys.ts";

/** What a controller orders about a node: a new key for its name is fine, it is gone for good, or it may join. */
export interface Order {
	readonly op: "readmit" | "forget" | "approve";
	/** Name of the node. */
	readonly name: string;
	/** Only the installation with this id is meant. */
	readonly id?: string;
	/** Grows with every order of a controller: an old one that is played again changes nothing. */
	readonly seq: number;
}

export type OpenedOrder =
	/** `by`: name of the controller that signed. */
	| { readonly ok: true; readonly order: Order; readonly by: string }
	| { readonly ok: false; readonly reason: "malformed" | "not signed by a controller" };

/** Serf's limit for the payload of a user event. */
export const MAX_ORDER_BYTES = 512;
const CONTEXT = "clusteros/v1/order\n";
const OPS: readonly unknown[] = ["readmit", "forget", "approve"];
const KEYS: readonly string[] = ["op", "name", "id", "seq"];

/** An order as one line for a Serf user event: canonical JSON, a space, the controller's signature. */
export function sealOrder(order: Order, key: KeyObject): string {
	const json = canonical(order);
	const text = `${json} ${sign(null, Buffer.from(CONTEXT + json), key).toString("base64url")}`;
	if (readOrder(json) === undefined || Buffer.byteLength(text) > MAX_ORDER_BYTES) throw new RangeError(`no order: ${json}`);
	return text;
}

/** The order and who gave it, or why it is refused. */
export function openOrder(text: string, controllers: SeedCluster["controllers"]): OpenedOrder {
	const [, json = "", signature = ""] = /^(\{.*\}) ([\w-]{86})$/.exec(text) ?? [];
	const order = readOrder(json);
	const bytes = Buffer.from(signature, "base64url");
	if (order === undefined || bytes.toString("base64url") !== signature) return { ok: false, reason: "malformed" };
	const signed = Buffer.from(CONTEXT + json);
	const by = controllers.find(({ key }) => verify(null, signed, publicKeyOf(Buffer.from(key, "base64")), bytes));
	return by ? { ok: true, order, by: by.name } : { ok: false, reason: "not signed by a controller" };
}

function readOrder(json: string): Order | undefined {
	const value = readCanonical(json);
	if (value === undefined || Object.keys(value).some((key) => !KEYS.includes(key))) return undefined;
	const { op, name, id, seq } = value;
	const good = OPS.includes(op) && isNodeName(name) && (id === undefined || isNodeId(id));
	return good && Number.isSafeInteger(seq) && (seq as number) >= 0 ? (value as unknown as Order) : undefined;
}
