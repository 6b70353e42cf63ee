import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { mustClusteros } from "../clusteros.ts";
import { announceAs } from "./announce-as.ts";
import { Living } from "./living.ts";
import { Stranger, seedOf } from "./stranger.ts";

/**
 * Misfortunes that leave each other alone, at once: each has nodes of its own. c1 is nobody's; n1 and n2 have wrong clocks, n3 a
 * cut cable, n4 a double; the machine x1 is on the same LAN and none of the cluster's own; n5 comes and goes.
 */

let lab: Living;

beforeAll(async () => {
	lab = await Living.open(inject("cluster"));
	await lab.ready(["c1", "n1", "n2", "n3", "n4"]);
});
afterAll(() => lab.ready(["c1", "n1", "n2", "n3", "n4"]));

/** Whom c1 believes, by name. */
async function members(): Promise<string[]> {
	return ((await lab.status("c1")).members ?? []).filter(({ alive }) => alive).map(({ name }) => name);
}

describe.concurrent("at once", () => {
	it("a clock that is an hour ahead: mesh, munge and jobs work again by themselves", () => clockIsOff("n1", 3600));
	it("a clock that is an hour behind: the same", () => clockIsOff("n2", -3600));

	it("a cable cut until SLURM gives the node up, and mended: the node is resumed", async () => {
		const since = await lab.now("c1");
		await lab.fault("n3", { kind: "cut" });
		try {
			await lab.until("n3 down", "c1", 60, async () => (await lab.slurmState("n3")).startsWith("down"));
		} finally {
			await lab.fault("n3", { kind: "heal" });
		}
		await lab.journal("c1", "clusteros-agent", since, /n3 is back and takes jobs again/, 60);
		await lab.ready(["n3"]);
	});

	it("a sixth node is added to the cluster while it runs, loses power in its first minute, and is taken out again", sixthNode);

	it(
		"a machine that does not belong: told what is wrong at each step, on both sides, and the cluster is not harmed",
		doesNotBelong,
	);
});

async function clockIsOff(node: string, seconds: number): Promise<void> {
	const off = async () => (await lab.now(node)) - (await lab.now("c1"));
	const credential = async () => {
		const made = await lab.root(node, "munge -n");
		return lab.root("c1", "unmunge >/dev/null && echo good", { input: made });
	};
	expect(await credential()).toBe("good");
	await lab.root(node, `date -s "@$(($(date +%s) + ${seconds}))"`);
	// Nobody takes it for right, else the rest would prove nothing: expired (15) or rewound (16), as munge's codes are.
	await expect(credential()).rejects.toThrow(/exited with 1[56]/);
	await lab.until(`the clock of ${node} to agree with c1's`, node, 40, async () => Math.abs(await off()) < 5 * lab.slow);
	const meets = () => lab.root(node, `timeout 5 bash -c ": > /dev/tcp/c1/6817" && echo there`);
	await lab.until(`${node} to reach c1 over the mesh`, node, 40, async () => (await meets()) === "there");
	await lab.until(`munge of ${node} to be believed`, node, 20, async () => (await credential()) === "good");
	await lab.ready([node]);
}

async function sixthNode(): Promise<void> {
	const file = join(lab.dir, "cluster.toml");
	const before = await readFile(file, "utf8");
	const five = await lab.processes();
	await writeFile(file, before.replace("[[user]]", '[[node]]\nname = "n5"\nroles = ["worker"]\n\n[[user]]'));
	try {
		const starting = mustClusteros("up", lab.dir).then(
			() => "ready",
			(error: Error) => error.message,
		);
		await lab.until("the machine of n5", [], 20, () => lab.machine("n5").then(Boolean));
		// The first of a node's files are being made.
		expect(["identify", "discover"]).toContain(await lab.killedAt("n5", "identify"));
		expect(await starting).toMatch(/n5 {2}off/);
		await mustClusteros("up", lab.dir);
		await lab.ready(["n5"]);
		expect(await lab.root("n4", "getent hosts n5")).toMatch(/^10\.90\.0\.6\s/);
	} finally {
		await mustClusteros("forget", lab.dir, "n5");
		await writeFile(file, before);
		await mustClusteros("up", lab.dir);
	}
	expect((await lab.state()).machines.map(({ name }) => name)).toEqual(["c1", "n1", "n2", "n3", "n4"]);
	await lab.until("n5 gone", "c1", 20, async () => !(await members()).includes("n5"));
	await lab.until("SLURM to drop n5", "c1", 20, async () => !/\bn5\b/.test(await lab.root("c1", "sinfo -h -N -o %N")));
	expect(await lab.root("n4", "getent hosts n5 || echo none")).toBe("none");
	expect(await lab.processes()).toEqual(five);
}

async function doesNotBelong(): Promise<void> {
	const good = await seedOf(lab, "workers");
	const cut = good.files.map((file) =>
		file.path.endsWith("cluster.json") ? { ...file, content: file.content.slice(0, 200) } : file,
	);
	await using x1 = await Stranger.boot(lab, { ...good, files: cut });
	await x1.reachable();

	// A seed that is malformed.
	const spoilt = await x1.until(({ state, reason }) => state === "identify" && reason !== undefined);
	expect(spoilt.reason).toMatch(/^failed: \/etc\/clusteros\/cluster\.json: not JSON \(.*\); make the seed anew: clusteros seed$/);
	expect(await x1.machine.console.text()).toContain(`identify - ${spoilt.reason}`);
	expect(await x1.root("systemctl is-system-running --wait || true")).toBe("running");

	// None at all.
	await x1.startOver([]);
	const seedless = await x1.until(({ state, reason }) => state === "booted" && reason !== undefined);
	expect(seedless.reason).toMatch(/^waiting: no seed: attach a volume labelled CIDATA/);
	expect(await x1.machine.console.text()).toContain(`booted - ${seedless.reason}`);

	// Another cluster's secret.
	let since = await lab.now("c1");
	const foreign = await seedOf(lab, "workers", (secrets) => ({ ...secrets, master: randomBytes(32).toString("base64") }));
	await x1.startOver(foreign.files);
	const shutOut = await x1.until(({ state, reason }) => state === "discover" && /wrong secret/.test(reason ?? ""));
	expect(await x1.machine.console.text()).toContain(shutOut.reason!);
	await lab.journal("c1", "clusteros-serf", since, /decrypt/);
	expect(await members()).toEqual(expect.arrayContaining(["n1", "n2", "n4"]));
	expect((await members()).filter((name) => name.startsWith("node-"))).toEqual([]);

	// A name that is taken.
	since = await lab.now("c1");
	await x1.startOver((await seedOf(lab, { node: "n4" })).files);
	const double = await x1.until(({ reason }) => /refuses this node/.test(reason ?? ""));
	expect(double.reason).toMatch(/c1 refuses this node: another key is pinned for this name.*clusteros readmit n4/);
	expect(await x1.machine.console.text()).toContain(double.reason!);
	await lab.journal("c1", "clusteros-agent", since, new RegExp(`refused n4 \\(${double.node}\\): another key is pinned`));
	expect(await (await lab.serial("c1")).text()).toContain(`refused n4 (${double.node}): another key is pinned`);
	await lab.ready(["n4"]);

	// None that is known: it is welcome as a worker.
	await x1.root("clusteros-agent leave");
	await x1.startOver(good.files);
	const { name, node, mesh = "none" } = await x1.until(({ state }) => state === "ready");
	expect(name).toBe(`node-${node.slice(0, 6)}`);
	expect(await lab.root("n4", `getent hosts ${name}`)).toMatch(new RegExp(`^${mesh}\\s`));
	expect(await lab.user("c1", `srun -w ${name} hostname`)).toBe(name);

	// A worker that says it is a controller, and then that it is c1.
	since = await lab.now("c1");
	await announceAs(lab, x1, { name, mesh, roles: ["controller", "worker"] });
	await lab.journal(
		"c1",
		"clusteros-agent",
		since,
		new RegExp(`refused ${name} .*claims to be a controller; the seed names others`),
	);
	expect((await lab.status("c1")).members?.find((one) => one.name === name)?.roles).toEqual(["worker"]);
	await announceAs(lab, x1, { name: "c1", mesh: "10.90.0.1", roles: ["controller", "worker"] });
	await lab.journal("n4", "clusteros-agent", since, /refused c1 .*another key for the controller c1/);
	expect(await lab.root("n4", "getent hosts c1")).toMatch(/^10\.90\.0\.1\s/);
	expect((await lab.status("n4")).members?.find((one) => one.name === "c1")).toMatchObject({ alive: true, mesh: "10.90.0.1" });
	await lab.ready(["c1", "n4"]);

	// Out for good.
	await mustClusteros("forget", lab.dir, name);
	await lab.until(`${name} out of SLURM`, "c1", 20, async () => !(await lab.root("c1", "sinfo -h -N -o %N")).includes(name));
	expect(await lab.root("n4", `getent hosts ${name} || echo none`)).toBe("none");
}
