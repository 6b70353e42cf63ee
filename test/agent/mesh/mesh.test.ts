import { createPrivateKey, createPublicKey } from "node:crypto";
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Mesh } from "../../../agent/mesh/mesh.ts";
import { loadWireguardKey } from "../../../agent/mesh/wireguard-key.ts";
import type { KnownPeer } from "../../../agent/trust/judge.ts";
import { type Answers, scratchNode } from "../scratch.ts";

const NOW = Date.parse("2026-11-22T10:00:00.000Z") / 1000;

function peer(n: number, changes: Partial<KnownPeer> = {}): KnownPeer {
	const own = { name: `n${n}`, id: `${n}`.repeat(16), mesh: `10.90.0.${n}`, roles: ["worker" as const], wg: `key${n}` };
	return { ...own, endpoint: `192.168.77.${n}:51820`, alive: true, seq: 1, up: "boot.0", ...changes };
}

function meshOn(answers: Answers = () => undefined, known: KnownPeer[] = []) {
	const node = scratchNode({}, answers);
	const mesh = new Mesh(node.world, () => ({ secret: "s3cret", port: 51820, address: "10.90.0.9/16" }), known);
	/** What was run since the last look. */
	const ran = () => node.ran.splice(0).map((argv) => argv.join(" ").replaceAll(node.world.root, ""));
	const conf = () => readFileSync(`${node.world.root}/run/clusteros/wg0.conf`, "utf8");
	return { node, mesh, ran, conf };
}

const SYNC = "wg syncconf wg0 /run/clusteros/wg0.conf";

describe("Mesh", () => {
	it("makes wg0 with its address, its key and its peers; secrets never in arguments", async () => {
		const { node, mesh, ran, conf } = meshOn();
		using _ = node;
		await mesh.sync([peer(1)]);
		expect(ran()).toEqual(["ip -batch -", SYNC]);
		expect(node.inputs[0]).toBe("link add wg0 type wireguard\naddress replace 10.90.0.9/16 dev wg0\nlink set wg0 mtu 1420 up\n");
		expect(conf()).toMatch(/^\[Interface\]\nPrivateKey = s3cret\nListenPort = 51820\n\[Peer\]\nPublicKey = key1\n/);
		expect(conf()).toMatch(/AllowedIPs = 10.90.0.1\/32\nEndpoint = 192.168.77.1:51820\nPersistentKeepalive = 25\n$/);
		expect(statSync(`${node.world.root}/run/clusteros/wg0.conf`).mode & 0o777).toBe(0o600);
	});

	it("does nothing a second time, and syncs when a peer comes or goes", async () => {
		const { node, mesh, ran, conf } = meshOn();
		using _ = node;
		mkdirSync(`${node.world.root}/sys/class/net/wg0`, { recursive: true });
		const up = [{ family: "IPv4", cidr: "10.90.0.9/16" }] as never;
		(node.world as { interfaces: () => object }).interfaces = () => ({ wg0: up });
		await mesh.sync([peer(1)]);
		expect(ran()).toEqual([SYNC]);
		await mesh.sync([peer(1, { alive: false })]);
		expect(ran()).toEqual([]);
		await mesh.sync([peer(1), peer(2)]);
		expect([ran(), conf().match(/\[Peer\]/g)?.length]).toEqual([[SYNC], 2]);
		await mesh.sync([peer(2)]);
		expect([ran(), conf().includes("key1")]).toEqual([[SYNC], false]);
	});

	it("meets a peer anew that has booted, and leaves the others alone; also when it booted while the agent was off", async () => {
		const { node, mesh, ran } = meshOn(undefined, [peer(1), peer(2)]);
		using _ = node;
		await mesh.sync([peer(1), peer(2, { up: "other.0" })]);
		expect(ran()).toEqual(["ip -batch -", "wg set wg0 peer key2 remove", SYNC]);
	});

	it("meets those anew that are alive and silent for more than 150 s, unless they were just added", async () => {
		const shaken = `key1\t${NOW - 149}\nkey2\t${NOW - 151}\nkey3\t${NOW - 1000}\nkey4\t0\n`;
		const { node, mesh, ran } = meshOn((argv) => (argv[1] === "show" ? shaken : undefined));
		using _ = node;
		let now = NOW - 500;
		(node.world as { now: () => Date }).now = () => new Date(now * 1000);
		const peers = [peer(1), peer(2), peer(3, { alive: false })];
		await mesh.sync(peers);
		now = NOW;
		await mesh.sync([...peers, peer(4)]);
		ran();
		await mesh.look([...peers, peer(4)]);
		expect(ran()).toEqual(["wg show wg0 latest-handshakes", "wg set wg0 peer key2 remove", SYNC]);
		expect([mesh.age(peer(1)), mesh.age(peer(4))]).toEqual([149, undefined]);
	});

	it("tells no negative age to a clock that was put back", async () => {
		const { node, mesh } = meshOn((argv) => (argv[1] === "show" ? `key1\t${NOW + 3600}\n` : undefined));
		using _ = node;
		await mesh.look([peer(1)]);
		expect(mesh.age(peer(1))).toBe(0);
	});
});

describe("loadWireguardKey", () => {
	it("makes a key once, 0600, whose public half is that of the secret one", () => {
		using node = scratchNode();
		const key = loadWireguardKey(node.world);
		expect(loadWireguardKey(node.world)).toEqual(key);
		expect(statSync(`${node.world.root}/var/lib/clusteros/wireguard.key`).mode & 0o777).toBe(0o600);
		const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b656e04220420", "hex"), Buffer.from(key.secret, "base64")]);
		const jwk = createPublicKey(createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" })).export({ format: "jwk" });
		expect(Buffer.from(key.public, "base64").toString("base64url")).toBe(jwk.x);
	});
});
