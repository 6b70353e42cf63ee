import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type Case, type Heard, judge } from "../../../agent/trust/judge.ts";
import { NO_TRUST, obey, type Trust } from "../../../agent/trust/trust.ts";
import type { Announcement } from "../../../core/contract/seed.ts";
import { openAnnouncement, sealAnnouncement } from "../../../core/node/announce.ts";
import { nodeIdOf, rawPublicKey } from "../../../core/node/keys.ts";
import { CONTROLLER, seedCluster } from "../seeds.ts";

const announceKey = { generation: 1, key: Buffer.alloc(32, 5) };
const newKey = () => generateKeyPairSync("ed25519").privateKey;
const idOf = (key: KeyObject) => nodeIdOf(rawPublicKey(key));
/** Two keys, the first with the lower id. */
const [low, high] = [newKey(), newKey()].toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1)) as [KeyObject, KeyObject];
const self = { name: "n2", mesh: "10.90.0.3", roles: ["worker" as const], id: "7777777777777777" };

function heard(key: KeyObject, changes: Partial<Announcement> = {}, more: Partial<Heard> = {}, sealKey = announceKey): Heard {
	const wg = Buffer.alloc(32, 1).toString("base64");
	const own = { v: 1 as const, name: "n1", id: idOf(key), wg, endpoint: "192.168.77.12:51820", mesh: "10.90.0.2" };
	const tags = sealAnnouncement({ ...own, roles: ["worker"], seq: 5, ...changes }, key, sealKey);
	const opened = openAnnouncement(tags, [announceKey]);
	return { opened, presence: "alive", label: `${changes.name ?? "n1"}.x`, up: "b.0", ...more };
}

function judged(nodes: readonly Heard[], given: Partial<Case> = {}) {
	return judge({ cluster: seedCluster(), self, trust: NO_TRUST, heard: nodes, known: [], ...given });
}

const named = (peers: readonly { name: string; id: string }[]) => peers.map(({ name, id }) => `${name} ${id}`);

describe("judge", () => {
	it("believes and pins whom it sees for the first time", () => {
		const { peers, refused, trust } = judged([heard(low)]);
		expect(named(peers)).toEqual([`n1 ${idOf(low)}`]);
		expect(refused).toEqual([]);
		expect(trust.pins.n1).toEqual({ id: idOf(low), key: rawPublicKey(low).toString("base64") });
	});

	it("refuses another key for a pinned name, whichever id is lower, and says the fix", () => {
		for (const [first, second] of [
			[low, high],
			[high, low],
		] as const) {
			const { trust } = judged([heard(first)]);
			const { peers, refused } = judged([heard(second), heard(first)], { trust });
			expect(named(peers)).toEqual([`n1 ${idOf(first)}`]);
			expect(refused).toMatchObject([{ name: "n1", id: idOf(second), reason: expect.stringMatching(/clusteros readmit n1/) }]);
		}
	});

	it("gives a new name to the lower id, in whatever order they are heard, but to one that is there before one that is gone", () => {
		for (const nodes of [
			[heard(high), heard(low)],
			[heard(low), heard(high)],
		]) {
			expect(named(judged(nodes).peers)).toEqual([`n1 ${idOf(low)}`]);
		}
		expect(named(judged([heard(low, {}, { presence: "gone" }), heard(high)]).peers)).toEqual([`n1 ${idOf(high)}`]);
	});

	it("believes a controller from the seed's key alone", () => {
		const c1 = { name: "c1", mesh: "10.90.0.1", roles: ["controller" as const, "worker" as const] };
		expect(judged([heard(CONTROLLER, c1)]).peers).toMatchObject([{ name: "c1", roles: ["controller", "worker"] }]);
		const { peers, refused } = judged([heard(low, c1)]);
		expect(peers).toEqual([]);
		expect(refused).toMatchObject([{ name: "c1", reason: "the seed has another key for the controller c1" }]);
		const worker = judged([heard(low, { roles: ["controller", "worker"] })]);
		expect(worker.peers).toMatchObject([{ name: "n1", roles: ["worker"] }]);
		expect(worker.refused).toMatchObject([{ name: "n1", reason: expect.stringMatching(/claims to be a controller/) }]);
	});

	it("refuses one that takes this node's own name", () => {
		const { peers, refused } = judged([heard(low, { name: "n2", mesh: "10.90.0.3" })]);
		expect([peers, refused[0]?.reason]).toEqual([[], expect.stringMatching(/this node's own/)]);
	});

	it("refuses a key that is pinned under another name", () => {
		const { trust } = judged([heard(low)]);
		const { refused } = judged([heard(low, { name: "node-aa", mesh: "10.90.200.1" })], { trust });
		expect(refused[0]?.reason).toMatch(/pinned as n1; clusteros forget n1/);
	});

	it("tells one that missed a rotation from an intruder by its pin", () => {
		const old = { generation: 7, key: Buffer.alloc(32, 9) };
		const { trust } = judged([heard(low)]);
		expect(judged([heard(low, {}, {}, old)], { trust }).refused[0]?.reason).toMatch(/was off during a rotation/);
		expect(judged([heard(low, {}, {}, old)]).refused[0]?.reason).toMatch(/not this cluster's/);
	});

	it("refuses what cannot be read under Serf's own name of it", () => {
		const opened = openAnnouncement({ a: "{}" }, [announceKey]);
		expect(judged([{ opened, presence: "alive", label: "x.1", up: "" }]).refused).toMatchObject([
			{ name: "x.1", id: "unknown", reason: "its announcement does not hold: malformed" },
		]);
	});

	it("lets an unknown machine in, or has it wait for approval", () => {
		const unknown = heard(low, { name: "node-aaaaaa", mesh: "10.90.200.7" });
		expect(judged([unknown]).peers).toHaveLength(1);
		const cluster = seedCluster({ join: "approve" });
		expect(judged([unknown], { cluster }).refused[0]?.reason).toMatch(/waits for approval: clusteros approve node-aaaaaa/);
		const trust: Trust = { ...NO_TRUST, approved: ["node-aaaaaa"] };
		expect(judged([unknown], { cluster, trust }).peers).toHaveLength(1);
		expect(judged([heard(low)], { cluster }).peers).toHaveLength(1);
	});

	it.each([
		["a known node with another's address", { mesh: "10.90.0.9" }, /announces 10.90.0.9, but n1 has 10.90.0.2/],
		[
			"an unknown one with a known node's address",
			{ name: "node-aaaaaa", mesh: "10.90.0.2" },
			/announces 10.90.0.2, which is n1's/,
		],
	])("refuses %s", (_, changes, words) => {
		expect(judged([heard(low, changes)]).refused[0]?.reason).toMatch(words);
	});

	it("gives an address that two unknown machines took to the lower id; this node is told when it lost its own", () => {
		const mesh = "10.90.200.7";
		const nodes = [heard(low, { name: "node-a", mesh }), heard(high, { name: "node-b", mesh })];
		expect(named(judged(nodes).peers)).toEqual([`node-a ${idOf(low)}`]);
		const loser = { ...self, name: "node-c", mesh, id: "ffffffffffffffff" };
		expect(judged([nodes[0]!], { self: loser })).toMatchObject({ addressLost: true, peers: [{ name: "node-a" }] });
		const winner = { ...self, name: "node-c", mesh, id: "0000000000000000" };
		expect(judged([nodes[0]!], { self: winner })).toMatchObject({ addressLost: false, peers: [] });
	});

	it("keeps a peer that gossip does not hear any more, and drops one that left or is forgotten", () => {
		const first = judged([heard(low)]);
		const given = { trust: first.trust, known: first.peers };
		expect(judged([], given).peers).toMatchObject([{ name: "n1", alive: false }]);
		expect(judged([heard(low, {}, { presence: "gone" })], given).peers).toMatchObject([{ name: "n1", alive: false }]);
		expect(judged([heard(low, {}, { presence: "left" })], given).peers).toEqual([]);
		const forgotten = obey(first.trust, { op: "forget", name: "n1", seq: 1 }, "c1")!;
		expect(judged([], { ...given, trust: forgotten }).peers).toEqual([]);
		expect(judged([heard(low)], { ...given, trust: forgotten }).refused[0]?.reason).toMatch(/was forgotten/);
	});

	it("ignores an older announcement of a believed node", () => {
		const first = judged([heard(low, { endpoint: "192.168.77.99:51820", seq: 9 })]);
		const { peers } = judged([heard(low, { seq: 5 })], { trust: first.trust, known: first.peers });
		expect(peers).toMatchObject([{ seq: 9, endpoint: "192.168.77.99:51820", alive: true }]);
	});
});

describe("obey", () => {
	const { trust } = judged([heard(low)]);

	it("frees a name for the key that is meant, and keeps the former one out", () => {
		const after = obey(trust, { op: "readmit", name: "n1", id: idOf(high), seq: 1 }, "c1")!;
		expect(named(judged([heard(low), heard(high)], { trust: after }).peers)).toEqual([`n1 ${idOf(high)}`]);
	});

	it("frees a name for whoever is there where no key is meant", () => {
		const after = obey(trust, { op: "readmit", name: "n1", seq: 1 }, "c1")!;
		expect(named(judged([heard(low, {}, { presence: "gone" }), heard(high)], { trust: after }).peers)).toEqual([
			`n1 ${idOf(high)}`,
		]);
	});

	it("keeps a name free until somebody is there: who held it is heard as gone for long", () => {
		const after = obey(trust, { op: "readmit", name: "n1", seq: 1 }, "c1")!;
		const gone = heard(low, {}, { presence: "gone" });
		const before = judged([gone], { trust: after });
		expect([before.peers, before.refused, before.trust.pins]).toEqual([[], [], {}]);
		expect(named(judged([gone, heard(high)], { trust: before.trust }).peers)).toEqual([`n1 ${idOf(high)}`]);
		expect(named(judged([heard(low)], { trust: before.trust }).peers)).toEqual([`n1 ${idOf(low)}`]);
	});

	it("brings back one that was forgotten", () => {
		const forgotten = obey(trust, { op: "forget", name: "n1", seq: 1 }, "c1")!;
		const after = obey(forgotten, { op: "readmit", name: "n1", id: idOf(low), seq: 2 }, "c1")!;
		expect(named(judged([heard(low)], { trust: after }).peers)).toEqual([`n1 ${idOf(low)}`]);
	});

	it("does nothing for an order that is played again, or came late", () => {
		const order = { op: "forget" as const, name: "n1", seq: 5 };
		const after = obey(trust, order, "c1")!;
		expect(obey(after, order, "c1")).toBeUndefined();
		expect(obey(after, { op: "readmit", name: "n1", seq: 4 }, "c1")).toBeUndefined();
		expect(obey(after, { op: "readmit", name: "n1", seq: 1 }, "c2")).toBeDefined();
	});
});
