import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { checkAgainstBase, mergeUnits, readBase } from "../../../builder/profile/base.ts";
import { dearmour, primaryFingerprints } from "../../../builder/profile/openpgp.ts";
import { resolveProfile } from "../../../builder/profile/resolve.ts";
import { complaintsOf, folder, ROOT, resolveIn, userErrorOf } from "./support.ts";

const CHECKOUT = new URL("../../../", import.meta.url).pathname.replace(/\/$/, "");
const BASES = [`${CHECKOUT}/profiles/bases`];
const NAMES = ["ubuntu-24.04", "debian-13"];

test.each(NAMES)("%s is read by name and by path, and calls itself so", async (name) => {
	const byName = await readBase(name, BASES, { cwd: "/" });
	const byPath = await readBase(`${name}.toml`, [], { cwd: BASES[0]! });
	expect(byName).toEqual(byPath);
	expect(byName.base.name).toBe(name);
	expect(byName.file).toBe(`${BASES[0]}/${name}.toml`);
});

test.each(NAMES)("the copy of %s's keyring holds the primary keys that its base lists, and no others", async (name) => {
	const { base } = await readBase(name, BASES);
	const text = await readFile(`${BASES[0]}/${base.apt.keyring.copy}`, "utf8");
	expect(primaryFingerprints(dearmour(text)).toSorted()).toEqual(base.apt.keyring.fingerprints.toSorted());
	expect(text.match(/-----BEGIN [^-]*-----/g)).toEqual(["-----BEGIN PGP PUBLIC KEY BLOCK-----"]);
});

test("Ubuntu's archive key is the one that its archive is known to be signed with", async () => {
	const { base } = await readBase("ubuntu-24.04", BASES);
	expect(base.apt.keyring.fingerprints).toEqual(["F6ECB3762474EDA9D21B7022871920D1991BC93C"]);
});

test("Debian's archives have no address of ours", async () => {
	const { base } = await readBase("debian-13", BASES);
	expect(Object.values(base.apt.archives).map(({ uri }) => uri)).toEqual([undefined, undefined]);
});

test.each(NAMES)("%s: every pocket is of the release, and both kernel flavours are there", async (name) => {
	const { base } = await readBase(name, BASES);
	const suites = base.apt.pockets.map(({ suite }) => suite);
	expect(suites).toEqual([base.codename, `${base.codename}-updates`, `${base.codename}-security`]);
	expect(Object.keys(base.arch.amd64!.kernels)).toEqual(["generic", "virtual"]);
});

test("an unknown base: what there is, and where it was asked for", async () => {
	expect(await complaintsOf(() => readBase("debain-13", BASES))).toEqual([
		'base: there is no base "debain-13"; there are: debian-13, ubuntu-24.04 (did you mean "debian-13"?)',
	]);
	const where = { file: "site.toml", line: 4, column: 1 };
	const error = await userErrorOf(() => readBase("./mine.toml", BASES, { cwd: "/", where }));
	expect([error.kind, error.problems[0]!.where]).toEqual(["invalid", where]);
});

test("a base outside the repository with mistakes: each with its place", async () => {
	const text = `version = 1
name = "mine"
description = "d"
distribution = "debian"
codename = "c"
arch = {}
[apt]
components = ["main"]
pockets = [{ suite = "c", archive = "archiv" }]
[apt.archives]
archive = { mirrored_with = "x" }
[apt.keyring]
host = "/k"
copy = "k.asc"
fingerprints = ["F6ECB3762474EDA9D21B7022871920D1991BC93C"]
`;
	const dir = await folder({ "mine.toml": text });
	expect(await complaintsOf(() => readBase("./mine.toml", BASES, { cwd: dir }))).toEqual([
		'mine.toml:9:27 apt.pockets[0].archive: there is no archive "archiv"; there are: archive (did you mean "archive"?)',
		'mine.toml:11:13 apt.archives.archive.mirrored_with: there is no archive "x"; there are: archive',
		'mine.toml:11:1 apt.archives.archive: archive "archive" has neither uri nor default_suite (give it one of the two)',
		"mine.toml:14:1 apt.keyring.copy: there is no file k.asc beside the base",
	]);
});

test("a base given as a path in a profile lies beside that profile", async () => {
	const dir = await folder({ "p/x.toml": ROOT, "site/y.toml": 'version = 1\nextends = ["x"]\nbase = "./b.toml"\n' });
	expect((await resolveIn(dir, "site/y.toml")).profile.base).toBe(`${dir}/site/b.toml`);
	expect((await resolveIn(dir, "site/y.toml", "base=other/b.toml")).profile.base).toBe(`${dir}/other/b.toml`);
});

test("flavour and architecture are asked of the base", async () => {
	const { base } = await readBase("debian-13", BASES);
	const dir = await folder({ "p/x.toml": ROOT.replace('"generic"', '"generik"'), "p/good.toml": ROOT });
	const bad = await resolveIn(dir, "x");
	const good = await resolveIn(dir, "good");
	checkAgainstBase(good, base, "amd64");
	expect(await complaintsOf(() => checkAgainstBase(bad, base, "amd64"))).toEqual([
		'p/x.toml:4:8 kernel.flavour: base debian-13 has no kernel flavour "generik" on amd64; it has: generic, virtual (did you mean "generic"?)',
	]);
	expect(await complaintsOf(() => checkAgainstBase(good, base, "arm64"))).toEqual([
		'base debian-13 has no architecture "arm64"; it has: amd64',
	]);
});

test.each(["base", "slurm"])("the profile %s fits both bases", async (name) => {
	const overlays = await folder({ "base/o": "", "agent/o": "", "cloud-init/o": "", "slurm/o": "" });
	const options = { profileDirs: [`${CHECKOUT}/profiles`], overlayDirs: [overlays], sets: [], cwd: CHECKOUT };
	const resolved = await resolveProfile(name, options);
	for (const one of NAMES) checkAgainstBase(resolved, (await readBase(one, BASES)).base, "amd64");
});

test("of several voices on a unit the last one holds", () => {
	const voice = (enable: string[], disable: string[], mask: string[]) => ({ enable, disable, mask });
	expect(mergeUnits(voice(["a", "b"], ["c"], []), voice([], ["a"], ["c"]), voice([], [], ["a"]))).toEqual(
		voice(["b"], [], ["c", "a"]),
	);
});
