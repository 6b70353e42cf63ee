import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { rememberOrder, tellKubernetes } from "../../../agent/k3s/dismissals.ts";
import { DISMISSALS } from "../../../agent/k3s/paths.ts";
import { condition, fakeK3s, putCertificates, threeServers } from "./fake-k3s.ts";

const SEQ = Date.parse("2026-11-22T10:00:00Z");
const leaseOf = (name: string) => `GET /apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${name}`;
const renewed = (renewTime: string) => ({ status: 200, body: { spec: { renewTime } } });
const secretOf = (name: string) => `DELETE /api/v1/namespaces/kube-system/secrets/${name}.node-password.k3s`;

function server(cluster?: ReturnType<typeof threeServers>) {
	const node = fakeK3s("c1", cluster);
	putCertificates(node);
	return node;
}
const isDone = ({ world }: ReturnType<typeof server>) => !existsSync(world.root + DISMISSALS);

it.each(["readmit", "approve"] as const)("%s deletes the password of the former installation, and not the node", async (op) => {
	using node = server();
	rememberOrder(node.ctx, { op, name: "n1", seq: SEQ });
	node.api.set(secretOf("n1"), { status: 200, body: {} });
	await tellKubernetes(node.ctx, node.parts.api);
	expect(node.asked).toEqual([secretOf("n1")]);
	expect(isDone(node)).toBe(true);
	await tellKubernetes(node.ctx, node.parts.api);
	expect(node.asked).toHaveLength(1);
});

it("forget deletes the node as well, once it is not ready any more", async () => {
	using node = server();
	rememberOrder(node.ctx, { op: "forget", name: "n1", seq: SEQ });
	node.api.set("GET /api/v1/nodes/n1", condition("True"));
	await tellKubernetes(node.ctx, node.parts.api);
	expect(node.asked).toEqual(["GET /api/v1/nodes/n1"]);
	expect(isDone(node)).toBe(false);
	node.api.set("GET /api/v1/nodes/n1", condition("Unknown"));
	await tellKubernetes(node.ctx, node.parts.api);
	expect(node.asked.slice(1)).toEqual(["GET /api/v1/nodes/n1", "DELETE /api/v1/nodes/n1", secretOf("n1")]);
	expect(isDone(node)).toBe(true);
});

it("a readmitted server leaves etcd with its node, once that is not ready any more", async () => {
	using node = server(threeServers());
	rememberOrder(node.ctx, { op: "readmit", name: "c2", seq: SEQ });
	node.api.set("GET /api/v1/nodes/c2", condition("True"));
	node.api.set(leaseOf("c2"), renewed("2026-11-22T09:59:59.999000Z"));
	await tellKubernetes(node.ctx, node.parts.api);
	expect(node.asked).toEqual(["GET /api/v1/nodes/c2", leaseOf("c2")]);
	expect(isDone(node)).toBe(false);
	node.api.set("GET /api/v1/nodes/c2", condition("Unknown"));
	await tellKubernetes(node.ctx, node.parts.api);
	expect(node.asked.slice(2)).toEqual(["GET /api/v1/nodes/c2", leaseOf("c2"), "DELETE /api/v1/nodes/c2", secretOf("c2")]);
	expect(isDone(node)).toBe(true);
});

it.each(["True", "Unknown"])(
	"a server that has lived since the order keeps its place, be it ready or not (%s)",
	async (ready) => {
		using node = server(threeServers());
		rememberOrder(node.ctx, { op: "readmit", name: "c2", seq: SEQ });
		node.api.set("GET /api/v1/nodes/c2", condition(ready));
		node.api.set(leaseOf("c2"), renewed("2026-11-22T10:00:00.001000Z"));
		await tellKubernetes(node.ctx, node.parts.api);
		expect(node.asked).toEqual(["GET /api/v1/nodes/c2", leaseOf("c2")]);
		expect(isDone(node)).toBe(true);
	},
);

it("a server that another one has let in keeps its new node, which is not ready at first and has no lease", async () => {
	using node = server(threeServers());
	rememberOrder(node.ctx, { op: "readmit", name: "c2", seq: SEQ });
	const { status, body } = condition("False") as { status: number; body: object };
	node.api.set("GET /api/v1/nodes/c2", { status, body: { ...body, metadata: { creationTimestamp: "2026-11-22T10:01:00Z" } } });
	await tellKubernetes(node.ctx, node.parts.api);
	expect(node.asked).toEqual(["GET /api/v1/nodes/c2"]);
	expect(isDone(node)).toBe(true);
});

it("nothing is deleted while it cannot be known whether the server lives", async () => {
	using node = server(threeServers());
	rememberOrder(node.ctx, { op: "readmit", name: "c2", seq: SEQ });
	node.api.set("GET /api/v1/nodes/c2", condition("Unknown"));
	node.api.set(leaseOf("c2"), { status: 503, body: "" });
	await tellKubernetes(node.ctx, node.parts.api);
	expect(node.asked).toEqual(["GET /api/v1/nodes/c2", leaseOf("c2")]);
	expect(isDone(node)).toBe(false);
});

it.each([new Error("connect ECONNREFUSED"), { status: 503, body: "" }])("is tried again until it worked (%o)", async (answer) => {
	using node = server();
	rememberOrder(node.ctx, { op: "readmit", name: "n1", seq: SEQ });
	node.api.set(secretOf("n1"), answer);
	await tellKubernetes(node.ctx, node.parts.api);
	expect(isDone(node)).toBe(false);
	node.api.delete(secretOf("n1"));
	await tellKubernetes(node.ctx, node.parts.api);
	expect(isDone(node)).toBe(true);
});

it("is no agent's business", () => {
	using node = fakeK3s("n1");
	rememberOrder(node.ctx, { op: "forget", name: "n2", seq: SEQ });
	expect(isDone(node)).toBe(true);
});
