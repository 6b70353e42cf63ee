import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readSecrets } from "../../../../cluster/describe/read.ts";
import { writeSecrets } from "../../../../cluster/describe/secrets.ts";
import { type RotateOptions, rotate } from "../../../../cluster/operate/rotate.ts";
import type { SeedSecrets } from "../../../../core/contract/seed.ts";
import { Interrupted } from "../../../../core/errors.ts";
import { deriveKey } from "../../../../core/node/derive.ts";
import { type Lab, startLab, statusOf } from "../support/lab.ts";
import { withSshd } from "../support/servers.ts";
import { type Sshd, standIn, written } from "../support/sshd.ts";

/**
 * Stand-in for a node's agent: notes each phase with what it was given, and is ready since a new second after it. What it
 * would do at a phase is in the file `phase-PHASE`, where the test has put one.
 */
const AGENT = (name: string) => `
if [ "$1" = status ]; then
	since=$(cat "$NODE_DIR/since" 2>/dev/null || echo 0)
	inuse=$(cat "$NODE_DIR/inuse" 2>/dev/null || echo 1)
	printf '%s' '${statusOf(name).slice(0, -1)}' | sed "s/10:00:00/10:00:0$since/"
	echo ",\\"generation\\":{\\"serf\\":$inuse,\\"munge\\":$inuse,\\"announce\\":1}}"
	exit
fi
echo "$3" >> "$NODE_DIR/phases"
[ -f "$NODE_DIR/phase-$3" ] && . "$NODE_DIR/phase-$3"
cat > "$NODE_DIR/given-$3"
echo $(( ($(cat "$NODE_DIR/since" 2>/dev/null || echo 0) + 1) % 10 )) > "$NODE_DIR/since"
echo "${name} $3: done"`;

withSshd("rotate", () => {
	let lab: Lab;
	beforeEach(async () => {
		lab = await startLab(["c1", "n1"], []);
		for (const sshd of Object.values(lab.sshds)) await standIn(sshd, "clusteros-agent", AGENT(sshd.name));
	});
	afterEach(async () => lab[Symbol.asyncDispose]());

	const begin = async (more: Partial<RotateOptions> = {}) =>
		rotate(await lab.open(), { purposes: ["serf", "munge"], resume: false, now: new Date(), ...more });
	const phases = async (sshd: Sshd) => (await written(sshd, "phases")).trim().split("\n");
	const given = async (sshd: Sshd, phase: string) => JSON.parse(await written(sshd, `given-${phase}`)) as SeedSecrets;
	const names = ({ keys }: SeedSecrets) => keys.map(({ purpose, generation }) => `${purpose}/${generation}`).sort();
	const pending = () => existsSync(join(lab.dir, ".clusteros/rotation.json"));
	const generation = async () => (await readSecrets(lab.dir)).generation;

	it("leads all nodes through each phase before the next, and counts secrets.toml up before any of it", async () => {
		const { c1, n1 } = lab.sshds as { c1: Sshd; n1: Sshd };
		// A node is slow to accept: nobody may use before it has, and the file has the new generation by then.
		await writeFile(join(n1.dir, "phase-accept"), `sleep 1; cp ${lab.dir}/secrets.toml $NODE_DIR/seen`);
		await writeFile(join(c1.dir, "phase-use"), `cp ${n1.dir}/phases $NODE_DIR/seen-by-use`);
		const rotated = await begin();
		expect(rotated).toMatchObject({ moved: ["c1", "n1"], left: [], strangers: [] });
		expect(rotated.generation).toEqual({ serf: 2, munge: 2, announce: 1, dbd: 1 });
		expect(await phases(c1)).toEqual(["accept", "use", "drop"]);
		expect(await phases(n1)).toEqual(["accept", "use", "drop"]);
		expect(await written(c1, "seen-by-use")).toMatch(/^accept\n/);
		expect(await written(n1, "seen")).toMatch(/serf = 2/);
		expect(await generation()).toEqual(rotated.generation);
		expect(pending()).toBe(false);
	});

	it("gives each node the keys of its roles: both while it moves, the new ones at the end", async () => {
		const { c1, n1 } = lab.sshds as { c1: Sshd; n1: Sshd };
		await begin();
		const both = ["announce/1", "munge/1", "munge/2", "serf/1", "serf/2"];
		expect(names(await given(n1, "accept"))).toEqual(both);
		expect(names(await given(n1, "use"))).toEqual(both);
		expect(names(await given(n1, "drop"))).toEqual(["announce/1", "munge/2", "serf/2"]);
		expect(names(await given(c1, "drop"))).toEqual(["announce/1", "dbd/1", "munge/2", "serf/2"]);
		expect((await given(n1, "accept")).identity).toBeUndefined();
		const serf = (await given(n1, "drop")).keys.find(({ purpose }) => purpose === "serf")!;
		expect(serf.key).toBe(deriveKey(lab.master, lab.id, "serf", 2).toString("base64"));
	});

	it("hands secrets over on standard input, never in arguments", async () => {
		const { n1 } = lab.sshds as { n1: Sshd };
		await writeFile(join(n1.dir, "phase-accept"), 'ps -ww -eo args > "$NODE_DIR/ps"');
		await begin();
		const serf = deriveKey(lab.master, lab.id, "serf", 2).toString("base64");
		expect(await written(n1, "ps")).toContain("apply-secrets --phase accept");
		expect(await written(n1, "ps")).not.toContain(serf);
	});

	it("leaves a node out that is off, names it, and brings it the keys later, from those that it uses", async () => {
		const { n1, c1 } = lab.sshds as { n1: Sshd; c1: Sshd };
		await n1.stop();
		const rotated = await begin();
		expect(rotated.moved).toEqual(["c1"]);
		expect(rotated.left).toEqual([{ name: "n1", why: expect.stringMatching(/^nobody answers/) }]);
		expect(pending()).toBe(true);
		// Another rotation while it is away; it is two generations behind then.
		await writeFile(join(c1.dir, "inuse"), "2");
		expect((await begin()).generation).toMatchObject({ serf: 3 });
		await rm(join(c1.dir, "phases"));
		await n1.start();
		expect(await begin({ resume: true })).toMatchObject({ moved: ["c1", "n1"], left: [] });
		expect(names(await given(n1, "accept"))).toEqual([
			"announce/1",
			"munge/1",
			"munge/2",
			"munge/3",
			"serf/1",
			"serf/2",
			"serf/3",
		]);
		expect(await phases(n1)).toEqual(["accept", "use", "drop"]);
		expect(await written(c1, "phases")).toBe("");
		expect(pending()).toBe(false);
		expect(await generation()).toMatchObject({ serf: 3 });
	});

	it("stops when a node refuses, before anybody uses the new keys, and goes on when it is told to", async () => {
		const { c1, n1 } = lab.sshds as { c1: Sshd; n1: Sshd };
		await writeFile(join(n1.dir, "phase-accept"), "echo the disk is full >&2; exit 1");
		await expect(begin()).rejects.toThrow("n1: the disk is full");
		expect(await phases(c1)).toEqual(["accept"]);
		await expect(begin()).rejects.toThrow("a rotation is under way: c1 hold old keys and new ones");
		await rm(join(n1.dir, "phase-accept"));
		expect(await begin({ resume: true })).toMatchObject({ moved: ["c1", "n1"] });
		expect(await phases(c1)).toEqual(["accept", "use", "drop"]);
		expect(await generation()).toMatchObject({ serf: 2 });
	});

	it("goes on where ^C cut it", async () => {
		const { c1, n1 } = lab.sshds as { c1: Sshd; n1: Sshd };
		await writeFile(join(n1.dir, "phase-use"), "sleep 60");
		const stop = new AbortController();
		const watch = { phase() {}, left() {}, ended() {}, done: (phase: string) => phase === "use" && stop.abort() };
		await expect(begin({ signal: stop.signal, watch })).rejects.toBeInstanceOf(Interrupted);
		await rm(join(n1.dir, "phase-use"));
		expect(await begin({ resume: true })).toMatchObject({ moved: ["c1", "n1"] });
		expect(await phases(c1)).toEqual(["accept", "use", "drop"]);
		expect(await phases(n1)).toEqual(["accept", "use", "use", "drop"]);
	});

	it("counts secrets.toml up when it was cut before that", async () => {
		const before = await readSecrets(lab.dir);
		await lab.sshds.n1!.stop();
		await begin();
		await writeSecrets(lab.dir, before);
		await lab.sshds.n1!.start();
		await begin({ resume: true });
		expect(await generation()).toMatchObject({ serf: 2 });
	});

	it("changes nothing when no node answers, or when there is nothing to go on with", async () => {
		await expect(begin({ resume: true })).rejects.toThrow("no rotation is under way");
		for (const sshd of Object.values(lab.sshds)) await sshd.stop();
		const before = await readFile(join(lab.dir, "secrets.toml"), "utf8");
		await expect(begin()).rejects.toThrow("no node answers; no key was changed");
		expect(await readFile(join(lab.dir, "secrets.toml"), "utf8")).toBe(before);
		expect(pending()).toBe(false);
	});
});
