import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { expect, it } from "vitest";
import { k3s } from "../../../agent/k3s/k3s.ts";
import { longToken } from "../../../core/node/k3s-token.ts";
import { putFile } from "../seeds.ts";
import { CA, clusterWithK3s, condition, FACTS, fakeK3s, putCertificates, threeServers } from "./fake-k3s.ts";

const SERVER = "systemctl restart --no-block k3s-server.service";
const AGENT = "systemctl restart --no-block k3s-agent.service";
const TLS = "/var/lib/rancher/k3s/server/tls";
const JOIN = "/etc/rancher/k3s/config.yaml.d/join.yaml";
const READY = { go: "ready" };

type Node = ReturnType<typeof fakeK3s>;
const text = ({ world }: Node, path: string) => readFileSync(world.root + path, "utf8");
const mode = ({ world }: Node, path: string) => (statSync(world.root + path).mode & 0o777).toString(8);

it.each([
	["the image has no k3s", fakeK3s("n1", clusterWithK3s(), { ...FACTS, k3s: false })],
	["the cluster has none", fakeK3s("n1", { ...clusterWithK3s(), k3s: undefined })],
	["the seed has no secrets of it", Object.assign(fakeK3s("n1"), { secrets: undefined })],
])("has nothing to do when %s", async (_why, node) => {
	using one = node;
	expect(await k3s(one.ctx, one.parts)).toEqual(READY);
	expect(one.did()).toEqual([]);
	expect(existsSync(`${one.world.root}/etc/rancher`)).toBe(false);
});

it("a server has its authority, tokens and manifests before it starts, and is done when its node is ready", async () => {
	using node = fakeK3s("c1");
	node.secrets = { ...node.secrets!, manifests: [{ name: "web.yaml", content: "kind: Pod\n" }] };
	expect(await k3s(node.ctx, node.parts)).toEqual({ wait: "k3s-server to get kubelet's certificate", seconds: 2 });
	expect(node.did()).toEqual([SERVER]);
	expect([text(node, `${TLS}/server-ca.crt`), text(node, `${TLS}/server-ca.key`)]).toEqual([CA.ca_cert, CA.ca_key]);
	const private_ = ["/etc/rancher/k3s/token", "/etc/rancher/k3s/agent-token", `${TLS}/server-ca.key`];
	expect([...private_, "/var/lib/rancher/k3s/server/manifests/web.yaml"].map((path) => mode(node, path))).toEqual(
		Array(4).fill("600"),
	);
	expect(text(node, "/etc/rancher/k3s/token")).toBe("K10ab::server:s3cr3t-of-servers");
	expect(text(node, "/etc/rancher/k3s/agent-token")).toBe("s3cr3t-of-agents");
	putCertificates(node);
	node.api.set("GET /api/v1/nodes/c1", condition("True"));
	putFile(node.world, `${TLS}/server-ca.crt`, CA.ca_cert);
	expect(await k3s(node.ctx, node.parts)).toEqual(READY);
	expect(node.did()).toEqual([SERVER]);
});

it("a manifest that the seed names no more is taken away, and no other's", async () => {
	using node = fakeK3s("c1");
	const manifests = "/var/lib/rancher/k3s/server/manifests";
	const seeded = (...names: string[]) => {
		node.secrets = { ...node.secrets!, manifests: names.map((name) => ({ name, content: `# ${name}\n` })) };
	};
	const there = () => readdirSync(node.world.root + manifests).toSorted();
	seeded("web.yaml", "db.yaml");
	await k3s(node.ctx, node.parts);
	putFile(node.world, `${manifests}/coredns.yaml`, "k3s' own");
	expect(there()).toEqual(["coredns.yaml", "db.yaml", "web.yaml"]);
	seeded("db.yaml");
	await k3s(node.ctx, node.parts);
	expect(there()).toEqual(["coredns.yaml", "db.yaml"]);
	seeded();
	await k3s(node.ctx, node.parts);
	expect(there()).toEqual(["coredns.yaml"]);
});

it("an agent waits for a server that answers, and has no server's secret", async () => {
	using node = fakeK3s("n1");
	expect(await k3s(node.ctx, node.parts)).toEqual({ wait: "c1 to answer on 6443", seconds: 2 });
	expect(node.did()).toEqual([]);
	node.open.add("10.90.0.1:6443");
	await k3s(node.ctx, node.parts);
	expect(node.did()).toEqual([AGENT]);
	expect(existsSync(`${node.world.root}/var/lib/rancher/k3s/server`)).toBe(false);
	expect(existsSync(`${node.world.root}/etc/rancher/k3s/agent-token`)).toBe(false);
	expect(text(node, JOIN)).not.toContain("server:");
});

it("an agent is not started before its server lets it join, and a server asks nobody", async () => {
	using node = fakeK3s("n1", threeServers());
	node.open.add("10.90.0.12:6443");
	node.notYet.add("10.90.0.12");
	expect(await k3s(node.ctx, node.parts)).toEqual({ wait: "k3s of c2 to be up", seconds: 3 });
	expect(node.did()).toEqual([]);
	node.notYet.clear();
	await k3s(node.ctx, node.parts);
	expect(node.did()).toEqual([AGENT]);
	expect(node.joins).toEqual(Array(2).fill("10.90.0.12 K10ab::node:s3cr3t-of-agents"));
	// It runs: its server is its own to look for.
	node.notYet.add("10.90.0.12");
	await k3s(node.ctx, node.parts);
	expect(node.joins).toHaveLength(2);

	using server = fakeK3s("c1");
	await k3s(server.ctx, server.parts);
	expect([server.joins, server.did()]).toEqual([[], [SERVER]]);
});

it("an agent with the cluster's whole seed shows the agents' token, not the servers'", async () => {
	using node = fakeK3s("n1");
	node.secrets = fakeK3s("c1").secrets;
	node.open.add("10.90.0.1:6443");
	await k3s(node.ctx, node.parts);
	expect(text(node, "/etc/rancher/k3s/token")).toBe(longToken("node", "s3cr3t-of-agents", CA.ca_cert));
});

it("is started again when somebody changed its token, and not otherwise", async () => {
	using node = fakeK3s("n1");
	node.open.add("10.90.0.1:6443");
	await k3s(node.ctx, node.parts);
	await k3s(node.ctx, node.parts);
	expect(node.did()).toEqual([AGENT]);
	putFile(node.world, "/etc/rancher/k3s/token", "other");
	await k3s(node.ctx, node.parts);
	expect(node.did()).toEqual([AGENT, AGENT]);
	expect(text(node, "/etc/rancher/k3s/token")).toContain("s3cr3t-of-agents");
});

it("does not start over another cluster's authority, nor without a server's secrets", async () => {
	using node = fakeK3s("c1");
	putFile(node.world, `${TLS}/server-ca.crt`, "another");
	putFile(node.world, `${TLS}/server-ca.key`, "another's");
	await expect(k3s(node.ctx, node.parts)).rejects.toThrow(/server-ca\.crt is not this cluster's authority/);
	expect(text(node, `${TLS}/server-ca.key`)).toBe("another's");
	expect(node.did()).toEqual([]);
	using other = fakeK3s("c1");
	other.secrets = { server: false, token: "K10ab::node:x" };
	await expect(k3s(other.ctx, other.parts)).rejects.toThrow(/lacks the secrets of a k3s server.*clusteros seed/);
});

it("makes good an authority of which a power cut left one half", async () => {
	using node = fakeK3s("c1");
	putFile(node.world, `${TLS}/server-ca.key`, "half");
	await k3s(node.ctx, node.parts);
	expect(text(node, `${TLS}/server-ca.key`)).toBe(CA.ca_key);
});

it("of three servers the first looks for the others before it begins, the others join whoever answers", async () => {
	using first = fakeK3s("c1", threeServers());
	expect(await k3s(first.ctx, first.parts)).toMatchObject({ wait: "c2 or c3 to answer on 6443, or c1 begins by itself" });
	expect(first.did()).toEqual([]);
	first.since = 30;
	await k3s(first.ctx, first.parts);
	expect(first.did()).toEqual([SERVER]);
	expect(text(first, JOIN)).not.toContain("server:");
	expect(existsSync(`${first.world.root}${TLS}/server-ca.crt`)).toBe(true);

	using third = fakeK3s("c3", threeServers());
	expect(await k3s(third.ctx, third.parts)).toEqual({ wait: "c1 or c2 to answer on 6443", seconds: 2 });
	third.open.add("10.90.0.12:6443");
	await k3s(third.ctx, third.parts);
	expect(text(third, JOIN)).toContain("cluster-init: false\nserver: https://10.90.0.12:6443\n");
});

it("the first of three, installed anew, joins the others and begins nothing", async () => {
	using node = fakeK3s("c1", threeServers());
	node.since = 1000;
	node.open.add("10.90.0.13:6443");
	await k3s(node.ctx, node.parts);
	expect(text(node, JOIN)).toContain("server: https://10.90.0.13:6443\n");
	expect(existsSync(`${node.world.root}${TLS}/server-ca.crt`)).toBe(false);
	putFile(node.world, "/var/lib/rancher/k3s/server/db/etcd/member/wal", "");
	node.open.clear();
	await k3s(node.ctx, node.parts);
	expect(node.did()).toEqual([SERVER]);
});

it("the first of three goes on once it begins: the others take connections while they wait for it", async () => {
	using first = fakeK3s("c1", threeServers());
	first.since = 30;
	await k3s(first.ctx, first.parts);
	first.open.add("10.90.0.12:6443");
	await k3s(first.ctx, first.parts);
	expect(text(first, JOIN)).not.toContain("server:");
	expect(first.did()).toEqual([SERVER]);
});

it("the first of three, whose data were moved away, begins nothing beside the others", async () => {
	using first = fakeK3s("c1", threeServers());
	first.since = 30;
	await k3s(first.ctx, first.parts);
	rmSync(`${first.world.root}/var/lib/rancher`, { recursive: true });
	first.open.add("10.90.0.12:6443");
	await k3s(first.ctx, first.parts);
	expect(text(first, JOIN)).toContain("server: https://10.90.0.12:6443\n");
});

it("a server without data turns to the first as soon as that answers: two would wait for each other", async () => {
	using third = fakeK3s("c3", threeServers());
	third.open.add("10.90.0.12:6443");
	await k3s(third.ctx, third.parts);
	expect(text(third, JOIN)).toContain("server: https://10.90.0.12:6443\n");
	third.open.add("10.90.0.11:6443");
	await k3s(third.ctx, third.parts);
	expect(text(third, JOIN)).not.toContain("server:");
});

it("an agent stays with the server that it was told of while that answers", async () => {
	using node = fakeK3s("n1", threeServers());
	node.open.add("10.90.0.12:6443");
	await k3s(node.ctx, node.parts);
	expect(text(node, JOIN)).toMatch(/^[^\n]*\nserver: https:\/\/10\.90\.0\.12:6443\n$/);
	node.open.add("10.90.0.11:6443");
	await k3s(node.ctx, node.parts);
	expect(node.did()).toEqual([AGENT]);
	node.open.delete("10.90.0.12:6443");
	await k3s(node.ctx, node.parts);
	expect(text(node, JOIN)).not.toContain("server:");
});

it("says what k3s complains of while it tries for ever", async () => {
	using node = fakeK3s("n1");
	node.open.add("10.90.0.1:6443");
	node.answers.set(AGENT, {});
	node.units.set("k3s-agent.service", "activating");
	expect(await k3s(node.ctx, node.parts)).toEqual({ wait: "k3s-agent to start", seconds: 3 });
	node.answers.set("journalctl", { stdout: 'level=error msg="Failed: Node password rejected, duplicate hostname"\n' });
	expect(await k3s(node.ctx, node.parts)).toEqual({
		wait: "k3s-agent to start, which fails: the server knows another installation of n1: clusteros readmit n1",
		seconds: 5,
	});
});
