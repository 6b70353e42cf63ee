import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { familyOf, mountsIn, survivors } from "../support/processes.ts";
import { type Room, room } from "../support/room.ts";
import { type Machine, whyNoNamespaces } from "./three-machines.ts";
import { type ThreeServers, threeServers } from "./three-servers.ts";

/**
 * Three real servers of k3s with the configuration that the agent gives them: emulated machines that carry three are rare, so
 * each has namespaces of its own on this host. The agent's k3s state and its orders are the real ones, from a seed of a described
 * cluster. Stand-ins: a veth called wg0 for WireGuard, fixtures/unit.ts for systemd, fixtures/kubelet.ts for kubelet.
 */
const K3S = process.env.CLUSTEROS_K3S;
const why = K3S ? await whyNoNamespaces() : "CLUSTEROS_K3S names no folder with a real k3s";
if (why !== undefined) console.log(`three k3s servers are left out: ${why}`);

/** No kubelet, and a node that is silent is not ready any more after 15 s, instead of 50 that would be waited for here. */
const CONFIG = `disable-agent: true
kube-controller-manager-arg+: [node-monitor-grace-period=15s]
`;
const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
/** Of two busy cores. */
const PATIENCE = { timeout: 150_000, interval: 250 };

describe.skipIf(why !== undefined)("three k3s servers", () => {
	let at: Room;
	let three: ThreeServers;
	const seconds: string[] = [];

	beforeAll(async () => {
		at = await room();
		three = await threeServers(at, K3S!, CONFIG);
		await vi.waitFor(() => Promise.all(all().map((machine) => machine.ask("outcome"))), PATIENCE);
	});

	afterAll(async () => {
		await three?.running[Symbol.asyncDispose]();
		if (three?.running.said()) console.log(three.running.said());
		await at?.[Symbol.asyncDispose]();
		console.log(`three k3s servers: ${seconds.join(", ")}`);
	});

	const all = () => [three.c1, three.c2, three.c3];

	// Each goes on from where the one before has ended.
	let failed = false;
	beforeEach(({ skip }) => skip(failed, "an earlier one failed"));
	afterEach(async ({ task }) => {
		if (failed || task.result?.state !== "fail") return;
		failed = true;
		for (const { name } of all()) console.log(`${name}, k3s' last words:\n${await lastWords(at, name)}`);
	});

	/** Tries until it works; notes how long it took. */
	async function eventually(what: string, work: () => Promise<unknown>): Promise<void> {
		const start = Date.now();
		await vi.waitFor(work, PATIENCE);
		seconds.push(`${what} after ${((Date.now() - start) / 1000).toFixed(1)} s`);
	}

	async function isReady(machine: Machine): Promise<void> {
		expect(await machine.ask("outcome"), machine.name).toEqual({ go: "ready" });
	}

	async function write(machine: Machine, name: string): Promise<void> {
		const { status } = await machine.api("POST", CONFIG_MAPS, { metadata: { name } });
		expect([201, 409], `writing ${name} through ${machine.name}`).toContain(status);
	}

	async function has(machine: Machine, name: string): Promise<void> {
		expect(await machine.api("GET", `${CONFIG_MAPS}/${name}`), `${name} on ${machine.name}`).toMatchObject({ status: 200 });
	}

	/** Names of etcd's members that vote, as this machine has them. */
	async function voters(machine: Machine): Promise<string[]> {
		const members = (await machine.ask("members")) as { name: string; isLearner?: boolean }[];
		return members
			.filter(({ isLearner }) => !isLearner)
			.map(({ name }) => name)
			.toSorted();
	}

	async function threeVote(): Promise<void> {
		const names = (await voters(three.c3)).map((name) => name.replace(/-[0-9a-f]+$/, ""));
		expect(names).toEqual(["c1", "c2", "c3"]);
	}

	it("come up at the same time, as the agent configures them, and write together", async () => {
		await Promise.all(all().map((machine) => machine.ask("on")));
		await eventually("all three ready", () => Promise.all(all().map(isReady)));
		await eventually("all three vote", threeVote);
		await write(three.c1, "all");
		for (const machine of all()) await has(machine, "all");
	});

	it("go on writing when the first of them is killed, which returns and has it", async () => {
		const { c1, c2, c3 } = three;
		await c1.ask("off");
		await eventually("the first killed, the second writes", () => write(c2, "while-two"));
		await write(c3, "while-two-as-well");
		await expect(c1.api("GET", CONFIG_MAPS)).rejects.toThrow("ECONNREFUSED");
		await c1.ask("on");
		await eventually("switched on again, ready", () => isReady(c1));
		for (const name of ["all", "while-two", "while-two-as-well"]) await has(c1, name);
		await threeVote();
	});

	it("refuse the first, written anew, until another controller readmits it; then it joins under its name", async () => {
		const { c1, c2, c3 } = three;
		const before = await voters(c2);
		await c1.ask("off");
		await c1.ask("flash");
		await c1.ask("on");
		const refused = {
			wait: expect.stringMatching(/fails: the other servers know c1 as it was before: clusteros readmit c1, asked/),
		};
		await eventually("written anew, refused", async () => expect(await c1.ask("outcome")).toMatchObject(refused));
		expect(await voters(c2)).toEqual(before);
		const order = { op: "readmit", name: "c1", seq: Date.now() };
		for (const machine of [c2, c3]) await machine.ask("order", order);
		await eventually("readmitted, ready", () => isReady(c1));
		await eventually("and votes", threeVote);
		expect((await voters(c2)).filter((name) => before.includes(name))).toHaveLength(2);
		await has(c1, "while-two");
		await write(c1, "anew");
		for (const machine of [c2, c3]) await has(machine, "anew");
	});

	it("leave nothing behind", async () => {
		const { running } = three;
		const family = await familyOf(running.pid);
		expect(family.members.length).toBeGreaterThan(6);
		await running[Symbol.asyncDispose]();
		expect(await survivors(family)).toEqual([]);
		expect(await mountsIn(at.dir)).toEqual([]);
	});
});

async function lastWords(at: Room, name: string): Promise<string> {
	const text = await readFile(at.path(name, "k3s-server.log"), "utf8").catch((error: Error) => error.message);
	return text.split("\n").slice(-15).join("\n");
}
