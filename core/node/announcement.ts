import type { Announcement } from "../contract/seed.ts";
import { parseAddress } from "./addresses.ts";
import { readCanonical } from "./canonical.ts";

/** Names and addresses of other nodes end up in files that root's programs read: nothing but these shapes gets in. */

const ROLES: readonly unknown[] = ["controller", "worker"];

/** Whether a value is a node's name: lower-case letters, digits and dashes, at most 32. */
export function isNodeName(value: unknown): value is string {
	return typeof value === "string" && /^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/.test(value);
}

export function isNodeId(value: unknown): value is string {
	return typeof value === "string" && /^[0-9a-f]{16}$/.test(value);
}

/** By hand, as the agent goes without zod. */
const CHECKS: { readonly [key in keyof Announcement]: (value: unknown) => boolean } = {
	v: (value) => value === 1,
	name: isNodeName,
	id: isNodeId,
	wg: (value) => typeof value === "string" && /^[A-Za-z0-9+/]{43}=$/.test(value),
	endpoint: isEndpoint,
	mesh: (value) => typeof value === "string" && parseAddress(value) !== undefined,
	roles: (value) => Array.isArray(value) && value.every((role) => ROLES.includes(role)) && new Set(value).size === value.length,
	seq: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
};

/** An announcement from its canonical JSON; undefined when it is none. */
export function readAnnouncement(text: string): Announcement | undefined {
	const value = readCanonical(text);
	if (value === undefined || Object.keys(value).some((key) => !Object.hasOwn(CHECKS, key))) return undefined;
	const good = Object.entries(CHECKS).every(([key, check]) => check(value[key]));
	return good ? (value as unknown as Announcement) : undefined;
}

function isEndpoint(value: unknown): boolean {
	const [, address, port] = (typeof value === "string" && /^([0-9.]+):([1-9][0-9]{0,4})$/.exec(value)) || [];
	return address !== undefined && parseAddress(address) !== undefined && Number(port) < 65_536;
}
