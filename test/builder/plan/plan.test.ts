import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Observed } from "../../../builder/plan/observed.ts";
import { makePlan } from "../../../builder/plan/plan.ts";
import { BASES } from "../apt/bases.ts";
import { exampleFile, exampleProgram, observedSlurm, sha256 } from "./observed.ts";

/** `npx vitest run test/builder/plan -u` writes the files again; a difference means that every cache is stale. */
it.each(BASES)("slurm on %s is planned as expected", async (name) => {
	const { steps, outputs } = makePlan(await observedSlurm(name));
	const text = JSON.stringify(
		{ steps: steps.map(({ id, slot, below, key, record }) => ({ id, slot, below, key, record })), outputs },
		null,
		"\t",
	);
	await expect(`${text}\n`).toMatchFileSnapshot(join(import.meta.dirname, "expected", `slurm-${name}.json`));
});

it("has steps that come after what they need, each with a key and a slot of its own", async () => {
	const { steps, outputs } = makePlan(await observedSlurm("ubuntu-24.04"));
	const ids = steps.map(({ id }) => id);
	for (const [position, { below }] of steps.entries()) expect(below === undefined ? -1 : ids.indexOf(below)).toBe(position - 1);
	for (const field of ["id", "key", "slot"] as const) expect(new Set(steps.map((step) => step[field])).size).toBe(steps.length);
	expect(outputs.every(({ step }) => ids.includes(step))).toBe(true);
});

const exampleImage = { name: "localhost/x/y:1", archive: "/x.tar", command: ["sh"] };

describe("what a change makes again", () => {
	const everything = ["packages:base", "packages:slurm", "programs", "files", "disk", "qcow2"];
	const from = (id: string) => everything.slice(everything.indexOf(id));
	const changes: [what: string, again: string[], change: (seen: Observed) => Partial<Observed>][] = [
		["a new index with the same packages", [], () => ({ pockets: [{ name: "x", sha256: sha256("newer") }] })],
		["another mirror", [], () => ({ sources: "Types: deb\nURIs: http://other.example\n" })],
		[
			"another address of the same .debs",
			[],
			({ solved }) => ({ solved: inLayer(solved, 0, (deb) => ({ ...deb, uri: "http://o.example" })) }),
		],
		[
			"a file's time or place in the checkout",
			[],
			({ files }) => ({ files: files.map((file) => ({ ...file, source: "/elsewhere" })) }),
		],
		[
			"a new version in the first layer",
			from("packages:base"),
			({ solved }) => ({ solved: inLayer(solved, 0, (deb) => ({ ...deb, version: "2" })) }),
		],
		[
			"other bytes of the same version",
			from("packages:slurm"),
			({ solved }) => ({ solved: inLayer(solved, 1, (deb) => ({ ...deb, sha256: sha256("other") })) }),
		],
		["another mmdebstrap", from("packages:base"), ({ tools }) => ({ tools: { ...tools, mmdebstrap: "2.0" } })],
		["SOURCE_DATE_EPOCH", from("packages:base"), () => ({ epoch: 1_750_000_000 })],
		["a file's content", from("files"), () => ({ files: [exampleFile("/etc/example", "other\n")] })],
		["a file's mode", from("files"), ({ files }) => ({ files: files.map((file) => ({ ...file, mode: 0o600 })) })],
		["a file's owner", from("files"), ({ files }) => ({ files: files.map((file) => ({ ...file, owner: "slurm" })) })],
		["the agent", from("files"), () => ({ agent: { path: "/agent.js", sha256: sha256("other") } })],
		[
			"a program",
			from("programs"),
			({ programs }) => ({ programs: programs.map((one) => ({ ...one, sha256: sha256("other") })) }),
		],
		[
			"a program's place on this machine",
			[],
			({ programs }) => ({ programs: programs.map((one) => ({ ...one, from: { url: "http://o.example/node" } })) }),
		],
		["k3s", from("programs"), ({ programs }) => ({ programs: [...programs, exampleProgram("k3s", "/usr/local/bin/k3s")] })],
		["a container image's command", from("files"), () => ({ containerImages: [exampleImage] })],
		["a script", from("files"), () => ({ scripts: [] })],
		["a unit", from("files"), ({ units }) => ({ units: { ...units, mask: [...units.mask, "x.service"] } })],
		["the kernel's arguments", from("files"), ({ cmdline }) => ({ cmdline: `${cmdline} quiet` })],
		["the disk's size", from("disk"), ({ layout }) => ({ layout: { ...layout, size: layout.size * 2 } })],
		["another mke2fs", from("disk"), ({ tools }) => ({ tools: { ...tools, mke2fs: "2.0" } })],
		["another qemu-img", from("qcow2"), ({ tools }) => ({ tools: { ...tools, "qemu-img": "2.0" } })],
	];

	it.each(changes)("%s", async (_, again, change) => {
		const seen = await observedSlurm("ubuntu-24.04");
		const before = new Set(makePlan(seen).steps.map(({ key }) => key));
		const after = makePlan({ ...seen, ...change(seen) }).steps;
		expect(after.filter(({ key }) => !before.has(key)).map(({ id }) => id)).toEqual(again);
	});

	it("another base: everything", async () => {
		const before = new Set(makePlan(await observedSlurm("ubuntu-24.04")).steps.map(({ key }) => key));
		const after = makePlan(await observedSlurm("debian-13")).steps;
		expect(after.filter(({ key }) => before.has(key))).toEqual([]);
	});
});

type Deb = Observed["solved"][number]["debs"][number];

/** The first package of one layer changed. */
function inLayer(solved: Observed["solved"], position: number, change: (deb: Deb) => Deb): Observed["solved"] {
	return solved.map((layer, index) =>
		index === position ? { ...layer, debs: layer.debs.map((deb, at) => (at === 0 ? change(deb) : deb)) } : layer,
	);
}

describe("formats", () => {
	it("keep the raw disk only when it is asked for", async () => {
		const disk = async (...formats: string[]) =>
			makePlan(await observedSlurm("debian-13", formats)).steps.find(({ kind }) => kind === "disk");
		expect(await disk("qcow2")).toMatchObject({ keep: false });
		expect(await disk("raw")).toMatchObject({ keep: true });
		expect((await disk("raw"))?.key).toBe((await disk("qcow2"))?.key);
	});

	it("are named after profile, base and architecture", async () => {
		const { outputs } = makePlan(await observedSlurm("ubuntu-24.04"));
		expect(outputs.map(({ file }) => file)).toEqual(["slurm-ubuntu-24.04-amd64.qcow2", "slurm-ubuntu-24.04-amd64.raw"]);
	});
});
