import { createHmac, type KeyObject, sign, timingSafeEqual, verify } from "node:crypto";
import type { Announcement, Role, SeedCluster } from "../contract/seed.ts";
import { readAnnouncement } from "./announcement.ts";
import { canonical } from "./canonical.ts";
import { nodeIdOf, publicKeyOf, rawPublicKey } from "./keys.ts";

/** Announcements as Serf tags: `a` the canonical JSON, `k` the node's public key, `s` its signature, `m` generation and MAC. */

/** An announce key and its generation. */
export interface AnnounceKey {
	readonly generation: number;
	readonly key: Uint8Array;
}

export type AnnounceRefusal = "malformed" | "id is not that of the key" | "bad signature" | "wrong announce key";

export type OpenedAnnouncement =
	| { readonly ok: true; readonly announcement: Announcement; readonly key: Buffer; readonly generation: number }
	/** `claim` is what it says of itself; its signature is good only where the reason is "wrong announce key". */
	| { readonly ok: false; readonly reason: AnnounceRefusal; readonly claim?: Claim };

/** Who an announcement that was refused says it comes from. */
export interface Claim {
	readonly name: string;
	readonly id: string;
	/** Raw public key. */
	readonly key: Buffer;
}

/** The limit that memberlist sets to a member's metadata, in which Serf puts the tags. */
export const MAX_TAGS_BYTES = 512;
/** Keeps a signature from being taken for that of an order, which controllers sign with the same key. */
const CONTEXT = "clusteros/v1/announcement\n";
const MAC_BYTES = 16;

/** An announcement as Serf tags. @throws RangeError when they would not fit. */
export function sealAnnouncement(announcement: Announcement, key: KeyObject, announceKey: AnnounceKey): Record<string, string> {
	const a = canonical(announcement);
	const k = rawPublicKey(key).toString("base64url");
	const s = sign(null, Buffer.from(CONTEXT + a), key).toString("base64url");
	const mac = macOf({ a, k, s }, announceKey).toString("base64url");
	const tags = { a, k, s, m: `${announceKey.generation}.${mac}` };
	const size = encodedSize(tags);
	if (size > MAX_TAGS_BYTES) throw new RangeError(`the announcement takes ${size} of ${MAX_TAGS_BYTES} bytes`);
	return tags;
}

/**
 * What a node announced, or why it is refused. The signature is looked at before the MAC, so that "wrong announce key"
 * is said only of a node that is who it says: one that missed a rotation can be told from an intruder by its pin.
 */
export function openAnnouncement(
	tags: Readonly<Record<string, string>>,
	announceKeys: readonly AnnounceKey[],
): OpenedAnnouncement {
	const { a = "", k = "", s = "", m = "" } = tags;
	const announcement = readAnnouncement(a);
	const [key, signature] = [decode(k, 32), decode(s, 64)];
	const [, digits, mac] = /^([1-9][0-9]{0,8})\.([\w-]{22})$/.exec(m) ?? [];
	if (!announcement || !key || !signature || !mac) return { ok: false, reason: "malformed" };
	const refused = (reason: AnnounceRefusal): OpenedAnnouncement => {
		return { ok: false, reason, claim: { name: announcement.name, id: announcement.id, key } };
	};
	if (nodeIdOf(key) !== announcement.id) return refused("id is not that of the key");
	if (!verified(CONTEXT + a, key, signature)) return refused("bad signature");
	const generation = Number(digits);
	const wanted = announceKeys.filter((one) => one.generation === generation).map((one) => macOf({ a, k, s }, one));
	const given = decode(mac, MAC_BYTES);
	if (!given || !wanted.some((one) => timingSafeEqual(one, given))) return refused("wrong announce key");
	return { ok: true, announcement, key, generation };
}

/** The roles of an announcement that are believed, and those that are not: `controller` goes by the seed's list alone. */
export function rolesOf(
	announcement: Pick<Announcement, "name" | "roles">,
	key: Uint8Array,
	controllers: SeedCluster["controllers"],
): { readonly roles: Role[]; readonly dropped: Role[] } {
	const listed = controllers.some((one) => one.name === announcement.name && one.key === Buffer.from(key).toString("base64"));
	const believed = (role: Role) => role !== "controller" || listed;
	return { roles: announcement.roles.filter(believed), dropped: announcement.roles.filter((role) => !believed(role)) };
}

/** Bytes of the tags as Serf encodes them: a magic byte and a msgpack map of raw strings. */
export function encodedSize(tags: Readonly<Record<string, string>>): number {
	const text = (value: string) => {
		const bytes = Buffer.byteLength(value);
		return bytes + (bytes < 32 ? 1 : 3);
	};
	return Object.entries(tags).reduce((sum, [name, value]) => sum + text(name) + text(value), 2);
}

function macOf({ a, k, s }: { a: string; k: string; s: string }, { key, generation }: AnnounceKey): Buffer {
	const text = `${CONTEXT}${generation}\n${a}\n${k}\n${s}`;
	return createHmac("sha256", key).update(text).digest().subarray(0, MAC_BYTES);
}

function verified(text: string, key: Uint8Array, signature: Uint8Array): boolean {
	try {
		return verify(null, Buffer.from(text), publicKeyOf(key), signature);
	} catch {
		return false;
	}
}

/** Exactly `bytes` bytes in base64url; another spelling of the same bytes is refused as well. */
function decode(text: string, bytes: number): Buffer | undefined {
	const decoded = Buffer.from(text, "base64url");
	return decoded.length === bytes && decoded.toString("base64url") === text ? decoded : undefined;
}
