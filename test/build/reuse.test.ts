import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { planDocument } from "../../core/contract/plan.ts";
import { cli } from "./support/cli.ts";
import { type OpenImage, openImage } from "./support/image.ts";
import { type Room, room } from "./support/room.ts";
import { buildArgs, built, filesOf, SHARED_CACHE } from "./support/shared.ts";

/** What one build leaves, the next one takes: seen by the steps that were run, never by a clock. */

let at: Room;

beforeAll(async () => {
	at = await room();
	// What the archive said is younger than a day from here on, and does not change under the tests' feet.
	await cli(buildArgs(SHARED_CACHE, at.path("none"), "--profile", "slurm", "--plan"));
});

afterAll(() => at?.[Symbol.asyncDispose]());

/** When apt's index was fetched, and how many questions to its solver are kept: a build that leaves apt alone changes neither. */
async function stateOfApt(): Promise<object> {
	const worlds = (await readdir(join(SHARED_CACHE, "apt"))).filter((name) => /^[0-9a-f]{16}$/.test(name));
	const times = await Promise.all(
		worlds.map(async (name) => (await stat(join(SHARED_CACHE, "apt", name, "answer.json"))).mtimeMs),
	);
	const answers = (await readdir(join(SHARED_CACHE, "answers"))).filter((name) => name.startsWith("solution-"));
	return { worlds, times, answers, debs: (await readdir(join(SHARED_CACHE, "debs"))).length };
}

describe("profiles on one base", () => {
	it("a second profile takes the first one's layer, and the same profile again does nothing", async () => {
		const out = at.path("shared");
		const base = await built(SHARED_CACHE, out, ["--profile", "base"]);
		const slurm = await built(SHARED_CACHE, out, ["--profile", "slurm"]);
		expect(slurm.cached).toContain("packages:base");
		const keyOf = (steps: typeof base.manifest.steps, id: string) => steps.find((step) => step.id === id)?.key;
		expect(keyOf(slurm.manifest.steps, "packages:base")).toBe(keyOf(base.manifest.steps, "packages:base"));
		const before = await stat(slurm.file("qcow2"), { bigint: true });
		const again = await built(SHARED_CACHE, out, ["--profile", "slurm"]);
		expect(again.made).toEqual([]);
		expect(again.cached).toEqual(["packages:base", "packages:slurm", "programs", "files", "qcow2"]);
		expect(again.manifest.artifacts).toEqual(slurm.manifest.artifacts);
		// Not even copied again.
		expect((await stat(slurm.file("qcow2"), { bigint: true })).ino).toBe(before.ino);
		expect((await readdir(out)).toSorted()).toEqual([...filesOf("base", "qcow2"), ...filesOf("slurm", "qcow2")]);
	});

	it("a plan says the same without doing it", async () => {
		const { stdout, code } = await cli(buildArgs(SHARED_CACHE, at.path("plan"), "--profile", "slurm", "--plan", "--json"));
		const plan = planDocument.parse(JSON.parse(stdout));
		expect(code).toBe(0);
		expect(plan.steps.filter((step) => step.kind !== "disk").map(({ id, cached, why }) => ({ id, cached, why }))).toEqual(
			["packages:base", "packages:slurm", "programs", "files", "qcow2"].map((id) => ({ id, cached: true, why: [] })),
		);
		expect(await readdir(at.dir)).not.toContain("plan");
	});
});

describe("an added package", () => {
	it("is a layer of its own; those below stay, and the plan says why the rest is made again", async () => {
		const more = ["--profile", "testtop", "--set", "packages+=lsof"];
		// Whatever an earlier run left of it, the layers below are there.
		await built(SHARED_CACHE, at.path("added"), ["--profile", "testtop"]);
		const added = await built(SHARED_CACHE, at.path("added"), more);
		expect(added.cached).toEqual(expect.arrayContaining(["packages:testbase", "packages:testtop"]));
		expect(added.manifest.packages.map(({ name }) => name)).toEqual(expect.arrayContaining(["tree", "lsof"]));
		const next = await cli(buildArgs(SHARED_CACHE, at.path("none"), ...more, "--set", "packages+=htop", "--plan"));
		expect(next.stdout).toMatch(/^testbase packages +cached/m);
		expect(next.stdout).toMatch(/^testtop packages +cached/m);
		expect(next.stdout).toMatch(/^\S.* packages +to do .*added .*"htop"/m);
		expect(next.stdout).toMatch(/^files +to do/m);
	});
});

describe("an edited file of an overlay", () => {
	const MOTD = "site/motd/rootfs/etc/motd";
	const PROFILE = 'version = 1\nextends = ["slurm"]\noverlays = ["./motd"]\n';
	const build = (format = "qcow2") =>
		built(SHARED_CACHE, at.path("edited"), ["--profile", at.path("site/edited.toml"), "--format", format]);
	const look = async (made: Awaited<ReturnType<typeof build>>): Promise<OpenImage> =>
		openImage(made.file("qcow2"), made.manifest, await freshDir());
	let opened = 0;
	const freshDir = async () => {
		const name = `opened-${opened++}`;
		await at.write({ [`${name}/.keep`]: "" });
		return at.path(name);
	};

	it("gives a new image without a look at packages or apt", async () => {
		// A text that no earlier run has built.
		const text = (number: number) => `edit ${number} of ${at.dir}\n`;
		await at.write({
			"site/edited.toml": PROFILE,
			"site/motd/overlay.toml": 'version = 1\ndescription = "A greeting."\n',
			[MOTD]: text(1),
		});
		const first = await build();
		expect(first.cached).toEqual(expect.arrayContaining(["packages:base", "packages:slurm"]));
		expect(first.made).toEqual(expect.arrayContaining(["files", "disk", "qcow2"]));
		const apt = await stateOfApt();
		await writeFile(at.path(MOTD), text(2));
		const second = await build();
		expect(second.made).toEqual(["files", "disk", "qcow2"]);
		expect(second.stderr).not.toMatch(/archive index|packages needed/);
		expect(await stateOfApt()).toEqual(apt);
		expect(second.manifest.artifacts[0]!.sha256).not.toBe(first.manifest.artifacts[0]!.sha256);
		const image = await look(second);
		expect(await readFile(join(image.tree, "etc/motd"), "utf8")).toBe(text(2));
		// Edited back: what was made before is still there.
		await writeFile(at.path(MOTD), text(1));
		const back = await build();
		expect(back.made).toEqual([]);
		expect(back.manifest.artifacts).toEqual(first.manifest.artifacts);
	});
});
