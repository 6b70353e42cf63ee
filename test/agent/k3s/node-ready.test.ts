import { expect, it } from "vitest";
import { nodeReady } from "../../../agent/k3s/node-ready.ts";
import { k3sRuns, tendK3s } from "../../../agent/k3s/watch.ts";
import { clusterWithK3s, condition, fakeK3s, putCertificates } from "./fake-k3s.ts";

const NODE = "GET /api/v1/nodes/n1";
const AGENT = "systemctl restart --no-block k3s-agent.service";

it.each([
	["ready", condition("True"), undefined],
	[
		"not ready",
		condition("False", "container runtime network not ready"),
		"kubelet to be ready: container runtime network not ready",
	],
	["never heard", condition("Unknown"), "kubelet to be ready"],
	["without conditions", { status: 200, body: {} }, "kubelet to be ready"],
	["another's", { status: 403, body: "" }, "kubelet to be let in as n1: its certificate is for another name"],
	["overloaded", { status: 503, body: "" }, "the Kubernetes API, which answers 503"],
	["away", new Error("connect ECONNREFUSED"), "the Kubernetes API to answer (connect ECONNREFUSED)"],
])("%s", async (_what, answer, wait) => {
	using node = fakeK3s("n1");
	putCertificates(node);
	node.api.set(NODE, answer);
	expect((await nodeReady(node.ctx, node.parts.api))?.wait).toBe(wait);
	expect(node.did()).toEqual([]);
});

it.each([401, 404])("joins again when the server does not know it (%i), but not right after a start", async (status) => {
	using node = fakeK3s("n1", clusterWithK3s({ slow: 2 }));
	putCertificates(node);
	node.api.set(NODE, { status, body: "" });
	node.uptime(219);
	expect((await nodeReady(node.ctx, node.parts.api))?.wait).toBeDefined();
	expect(node.did()).toEqual([]);
	node.uptime(220);
	await tendK3s(node.ctx, node.parts);
	expect(node.did()).toEqual([AGENT]);
});

it("runs while kubelet takes connections, and has nothing to run without k3s", async () => {
	using node = fakeK3s("n1");
	expect(await k3sRuns(node.ctx, node.parts)).toBe(false);
	node.open.add("127.0.0.1:10248");
	expect(await k3sRuns(node.ctx, node.parts)).toBe(true);
	using other = fakeK3s("n1", { ...clusterWithK3s(), k3s: undefined });
	expect(await k3sRuns(other.ctx, other.parts)).toBe(true);
	await tendK3s(other.ctx, other.parts);
	expect(other.asked).toEqual([]);
});
