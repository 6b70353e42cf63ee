import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { rememberOrder, tellKubernetes } from "../../../agent/k3s/dismissals.ts";
import { DISMISSALS } from "../../../agent/k3s/paths.ts";
import { condition, fakeK3s, putCertificates, threeServers } from "./fake-k3s.ts";

const secretOf = (name: string) => `DELETE /api/v1/namespaces/kube-system/secrets/${name}.node-password.k3s`;

function server(cluster?: ReturnType<typeof threeServers>) {
	const node = fakeK3s("c1", cluster);
	putCertificates(node);
	return node;
}
const isDone = ({ world }: ReturnType<typeof server>) => !existsSync(world.root + DISMISSALS);

it.each(["readmit", "approve"] as const)("%s deletes the password of the former installation, and not the node", async (op) => {
	using node = server();
	rememberOrder(node.ctx, { op, name: "n1" });
	node.api.set(secretOf("n1"), { status: 200, body: {} });
	await tellKubernetes(node.ctx, node.parts.api);
	expect(node.asked).toEqual([secretOf("n1")]);
	expect(isDone(node)).toBe(true);
	await tellKubernetes(node.ctx, node.parts.api);
	expect(node.asked).toHaveLength(1);
});

it("forget deletes the node as well, once it is not ready any more", async () => {
	using node = server();
	rememberOrder(node.ctx, { op: "forget", name: "n1" });
	node.api.set("GET /api/v1/nodes/n1", condition("True"));
	await tellKubernetes(node.ctx, node.parts.api);
	expect(node.asked).toEqual(["GET /api/v1/nodes/n1"]);
	expect(isDone(node)).toBe(false);
	node.api.set("GET /api/v1/nodes/n1", condition("Unknown"));
	await tellKubernetes(node.ctx, node.parts.api);
	expect(node.asked.slice(1)).toEqual(["GET /api/v1/nodes/n1", "DELETE /api/v1/nodes/n1", secretOf("n1")]);
	expect(isDone(node)).toBe(true);
});

it("a readmitted server leaves etcd with its node, unless it is back already: the order was an old one", async () => {
	using node = server(threeServers());
	rememberOrder(node.ctx, { op: "readmit", name: "c2" });
	node.api.set("GET /api/v1/nodes/c2", condition("True"));
	await tellKubernetes(node.ctx, node.parts.api);
	expect(node.asked).toEqual(["GET /api/v1/nodes/c2"]);
	expect(isDone(node)).toBe(true);
	rememberOrder(node.ctx, { op: "readmit", name: "c2" });
	node.api.set("GET /api/v1/nodes/c2", condition("Unknown"));
	await tellKubernetes(node.ctx, node.parts.api);
	expect(node.asked.slice(1)).toEqual(["GET /api/v1/nodes/c2", "DELETE /api/v1/nodes/c2", secretOf("c2")]);
});

it.each([new Error("connect ECONNREFUSED"), { status: 503, body: "" }])("is tried again until it worked (%o)", async (answer) => {
	using node = server();
	rememberOrder(node.ctx, { op: "readmit", name: "n1" });
	node.api.set(secretOf("n1"), answer);
	await tellKubernetes(node.ctx, node.parts.api);
	expect(isDone(node)).toBe(false);
	node.api.delete(secretOf("n1"));
	await tellKubernetes(node.ctx, node.parts.api);
	expect(isDone(node)).toBe(true);
});

it("is no agent's business", () => {
	using node = fakeK3s("n1");
	rememberOrder(node.ctx, { op: "forget", name: "n2" });
	expect(isDone(node)).toBe(true);
});
