import { afterAll, describe, expect, inject, it } from "vitest";
import { mustClusteros } from "../clusteros.ts";
import { everywhere, K3S, Kube, type Pod, without } from "./kube.ts";

/** A cluster with pods is kept warm, and goes on from there. */

const SPACE = "trial-warm";
/** Bytes of the file that pods serve. */
const BIG = 100_000;

describe.skipIf(!K3S)(`a cluster with k3s that is resumed${without}`, () => {
	const dir = inject("cluster");
	const open: Kube[] = [];
	const kubectl = async () => {
		const kube = await Kube.open(dir);
		open.push(kube);
		return kube;
	};
	afterAll(async () => {
		await open.at(-1)?.ctl(["delete", "namespace", SPACE, "--wait=false"]);
		for (const kube of open) await kube[Symbol.asyncDispose]();
	});

	it("answers kubectl, and its pods are the same ones and reach each other across nodes", async () => {
		const before = await kubectl();
		const nodes = (await before.lab.state()).machines.map(({ name }) => name);
		await before.lab.ready(nodes);
		await before.apply(...everywhere(SPACE, BIG));
		const pods = await before.running(SPACE, nodes, 120);
		await mustClusteros("up", dir, "--warm");
		await mustClusteros("stop", dir, "--now");

		const start = Date.now();
		const took: string[] = [];
		const done = (what: string) => took.push(`${what} after ${((Date.now() - start) / 1000).toFixed(1)} s`);
		await mustClusteros("up", dir, "--warm");
		done("up");
		// Its ports on this machine may be others.
		const kube = await kubectl();
		await kube.untilReady(nodes);
		done("kubectl has all nodes ready");
		const get = async () => (await kube.fetched("n1", pods.get("n1")!, pods.get("n2")!)) > BIG;
		await kube.lab.until("a pod on n2 to answer one on n1", ["n1", "n2"], 60, get);
		done("a pod reached from another node's");
		const ids = (found: ReadonlyMap<string, Pod>) =>
			nodes.map((node) => found.get(node)!.status.containerStatuses![0]!.containerID);
		expect(ids(await kube.running(SPACE, nodes))).toEqual(ids(pods));
		console.log(`resumed: ${took.join(", ")}`);
	});
});
