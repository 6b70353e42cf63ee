import { statSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { ask } from "../../agent/control/client.ts";
import type { Request } from "../../agent/control/protocol.ts";
import type { SeedCluster, SeedSecrets } from "../../core/contract/seed.ts";
import { blockIn } from "../../core/node/block.ts";
import { LoopbackNode, noSerf } from "./loopback.ts";
import { CONTROLLER_IDENTITY, putSeed, seedCluster, seedSecrets } from "./seeds.ts";

if (noSerf) console.log(`skipped, nodes that gossip: ${noSerf}`);

/** Each test has addresses of its own: Serf's port is one and the same. */
let base = 20 + (process.pid % 20) * 10;
const nodes: LoopbackNode[] = [];
afterEach(async () => {
	for (const node of nodes.splice(0)) await node[Symbol.asyncDispose]();
	base += 200;
});

const address = (n: number) => ((base + n) % 230) + 2;
const cluster = (changes: Partial<SeedCluster> = {}) => seedCluster({ meet: [`127.0.0.${address(0)}`], ...changes });

function node(host: string, n: number, changes: { cluster?: SeedCluster; secrets?: SeedSecrets; root?: string } = {}) {
	const identity = host === "c1" ? { identity: CONTROLLER_IDENTITY } : {};
	const secrets = changes.secrets ?? seedSecrets([1]);
	const description = { ...(changes.cluster ?? cluster()), ...(host.startsWith("x") ? {} : { self: host }) };
	const made = new LoopbackNode({
		host,
		address: address(n),
		cluster: description,
		secrets: { ...secrets, ...identity },
		...(changes.root === undefined ? {} : { root: changes.root }),
	});
	nodes.push(made);
	return made.start();
}

async function order(on: LoopbackNode, request: Request) {
	const answer = await ask(on.world, request);
	expect(answer).toMatchObject({ ok: true });
	return answer.said;
}

const isReady = ({ state }: { state: string }) => state === "ready";
const peersOf = (one: LoopbackNode) => one.status().members?.map(({ name, alive }) => `${name} ${alive ? "alive" : "silent"}`);

describe.skipIf(noSerf)("nodes that gossip", { timeout: 60_000 }, () => {
	it("become a cluster: believed, meshed, named, ready; and a worker waits for its controller", async () => {
		const n1 = await node("n1", 1);
		await n1.until(({ state, reason }) => state === "discover" && /no other node answers; wrong secret/.test(reason ?? ""));
		const c1 = await node("c1", 0);
		await c1.until(isReady);
		const status = await n1.until(isReady);
		await c1.until(({ members }) => members?.length === 1);
		expect(status).toMatchObject({ cluster: "lab", roles: ["worker"], mesh: "10.90.0.2", generation: { serf: 1, announce: 1 } });
		expect(status.members).toMatchObject([{ name: "c1", roles: ["controller", "worker"], alive: true, handshake: 0 }]);
		expect(blockIn(n1.file("/etc/hosts"))).toBe("10.90.0.1 c1\n10.90.0.2 n1\n");
		expect(n1.file("/run/clusteros/wg0.conf")).toContain(`Endpoint = 127.0.0.${address(0)}:51820`);
		expect(n1.file("/proc/sys/kernel/hostname").trim()).toBe("n1");
		for (const secret of ["/etc/clusteros/serf.json", "/etc/clusteros/serf.keyring", "/run/clusteros/agent.sock"]) {
			expect(statSync(n1.root + secret).mode & 0o777).toBe(0o600);
		}
	});

	it("refuse a second node of one name aloud until it is readmitted; the refused one knows why", async () => {
		const c1 = await node("c1", 0);
		const first = await node("n1", 1);
		await first.until(isReady);
		await c1.until(({ members }) => members?.length === 1);
		const second = await node("n1", 2);
		const { refused } = await c1.until((status) => status.refused?.length === 1);
		const id = second.status().node;
		expect(refused).toMatchObject([{ name: "n1", id, reason: expect.stringMatching(/clusteros readmit n1/) }]);
		expect(c1.file("/dev/console")).toContain(`refused n1 (${id}): another key is pinned`);
		await second.until(({ reason }) => /another key.*clusteros readmit n1/.test(reason ?? ""));
		expect(peersOf(c1)).toEqual(["n1 alive"]);
		await first.halt();
		expect(await order(c1, { op: "readmit", name: "n1" })).toMatch(/n1 may come back/);
		await c1.until(({ members }) => members?.[0]?.id === id);
		await second.until(isReady);
	});

	it("forget one for good, and let it back in", async () => {
		const c1 = await node("c1", 0);
		const [n1, n2] = [await node("n1", 1), await node("n2", 2)];
		await Promise.all([n1, n2].map((one) => one.until(isReady)));
		await n2.until(({ members }) => members?.length === 2);
		expect(await ask(n2.world, { op: "forget", name: "n1" })).toMatchObject({ ok: false, said: /only a controller/ } as never);
		await order(c1, { op: "forget", name: "n1" });
		await n2.until(({ members }) => members?.length === 1);
		expect(blockIn(n2.file("/etc/hosts"))).not.toContain("n1");
		expect(n2.status().refused).toMatchObject([{ name: "n1", reason: expect.stringMatching(/was forgotten/) }]);
		await order(c1, { op: "readmit", name: "n1" });
		await n2.until(({ members }) => members?.length === 2);
	});

	it("keep a node out that has another secret, and are not harmed by it", async () => {
		const c1 = await node("c1", 0);
		const n1 = await node("n1", 1);
		await n1.until(isReady);
		const stranger = await node("n2", 2, { secrets: seedSecrets([7]) });
		await stranger.until(({ reason }) => /no other node answers; wrong secret/.test(reason ?? ""));
		expect(peersOf(c1)).toEqual(["n1 alive"]);
		expect(c1.status()).toMatchObject({ state: "ready", refused: [] });
	});

	it("do not believe a worker that announces itself as controller", async () => {
		const c1 = await node("c1", 0);
		const roles = [{ name: "n1", roles: ["controller" as const], mesh: "10.90.0.2" }];
		const own = cluster({ nodes: [cluster().nodes[0]!, ...roles] });
		const n1 = await node("n1", 1, { cluster: own });
		// It does not even start as one: its seed holds no controller's identity.
		await n1.until(
			({ state, reason }) => state === "identify" && /n1 is a controller, and this seed has no identity/.test(reason ?? ""),
		);
		expect(c1.status().members ?? []).toEqual([]);
	});

	it("let an unknown machine in as a worker once a controller approves", async () => {
		const c1 = await node("c1", 0, { cluster: cluster({ join: "approve" }) });
		const guest = await node("x", 1, { cluster: cluster({ join: "approve" }) });
		const { name, mesh } = await guest.until(({ reason }) => /clusteros approve node-/.test(reason ?? ""));
		expect(name).toBe(`node-${guest.status().node.slice(0, 6)}`);
		expect(mesh).toMatch(/^10\.90\.(12[89]|1[3-9]\d|2\d\d)\./);
		await order(c1, { op: "approve", name });
		expect(await guest.until(isReady)).toMatchObject({ roles: ["worker"], name });
		expect(guest.file("/etc/hostname")).toBe(`${name}\n`);
	});

	it("know each other after a restart, and drop one that leaves", async () => {
		const c1 = await node("c1", 0);
		const n1 = await node("n1", 1);
		await n1.until(isReady);
		await c1.until(({ members }) => members?.length === 1);
		const before = c1.status();
		await c1.halt();
		const again = await node("c1", 0, { root: c1.root });
		const after = await again.until(({ state, members }) => state === "ready" && members?.[0]?.alive === true);
		expect([after.node, after.members?.[0]?.id]).toEqual([before.node, n1.status().node]);
		expect(await order(n1, { op: "leave" })).toMatch(/n1 has left/);
		await again.until(({ members }) => members?.length === 0);
		expect(again.file("/run/clusteros/wg0.conf")).not.toContain("[Peer]");
		await n1.until(({ state, reason }) => state === "discover" && /has left the cluster/.test(reason ?? ""));
	});

	it("move to new secrets phase by phase, and no peer leaves wg0 meanwhile", async () => {
		const c1 = await node("c1", 0);
		const n1 = await node("n1", 1);
		await n1.until(isReady);
		await c1.until(({ members }) => members?.length === 1);
		const all = [c1, n1];
		const early = JSON.stringify(seedSecrets([2]));
		const refusal = await ask(n1.world, { op: "apply-secrets", phase: "accept", secrets: early });
		expect(refusal).toMatchObject({ ok: false, said: expect.stringMatching(/lack what is in use here \(serf 1/) });
		for (const [phase, generations, inUse] of [
			["accept", [1, 2], 1],
			["use", [1, 2], 2],
			["drop", [2], 2],
		] as const) {
			const secrets = JSON.stringify(seedSecrets(generations));
			for (const one of all) await order(one, { op: "apply-secrets", phase, secrets });
			for (const one of all) {
				await one.until(
					(status) => isReady(status) && status.generation?.announce === inUse && status.members?.[0]?.alive === true,
				);
				expect(JSON.parse(one.file("/etc/clusteros/serf.keyring"))).toHaveLength(generations.length);
			}
		}
		for (const one of all) expect(one.ran.filter((line) => line.includes("remove"))).toEqual([]);
		expect(n1.status().refused).toEqual([]);
	});

	it("stay with their cluster when a seed of another one comes", async () => {
		const c1 = await node("c1", 0);
		await c1.until(isReady);
		await c1.halt();
		const other = { ...cluster(), id: "00000000-8f0a-4c5e-9a57-1f6f0a3d2b11", name: "elsewhere" };
		putSeed(c1.world, other, { ...seedSecrets(), cluster: other.id });
		const again = await node("c1", 0, { root: c1.root });
		expect((await again.until(isReady)).cluster).toBe("lab");
		expect(again.file("/dev/console")).toMatch(/the seed of cluster elsewhere .* is ignored/);
	});
});
