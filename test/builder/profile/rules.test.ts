import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { RULES } from "../../../builder/profile/rules.ts";
import { complaintsOf, folder, ROOT, resolveIn } from "./support.ts";

const source = (name: string, rest = 'uris = ["https://x"]\nsuites = ["s"]\ncomponents = ["main"]') =>
	`[[apt.sources]]\nname = "${name}"\nkey = "key.asc"\n${rest}\n`;

/** A bad profile for each rule, by the rule's name. */
const BAD: Record<string, readonly [profile: string, ...complaints: string[]]> = {
	requiredValues: [
		ROOT.replace(/console.*\n/, "").replace("base =", "# base ="),
		'base: no profile of the chain says base (add extends = ["base"], or give the key)',
		'console.serial: no profile of the chain says console.serial (add extends = ["base"], or give the key)',
		'console.speed: no profile of the chain says console.speed (add extends = ["base"], or give the key)',
	],
	someFormat: [ROOT.replace('["qcow2"]', "[]"), 'formats: no image format is left to make (write formats = ["qcow2"])'],
	oneStatePerUnit: [
		`${ROOT}[units]\nenable = ["a.service"]\nmask = ["b.service", "a.service"]\n`,
		"p/x.toml:9:22 units.mask[1]: a.service is also in units.enable[0]: a unit has one state (keep it in one of the two lists)",
	],
	uniqueAptSources: [
		ROOT + source("site") + source("site"),
		'p/x.toml:13:1 apt.sources[1]: an apt source "site" is already given at p/x.toml:7 (give it another name)',
	],
	aptUris: [
		ROOT + source("site", 'uris = ["ftp://x/y", "file:/srv/apt"]\nsuites = ["./"]'),
		'p/x.toml:7:1 apt.sources[0].uris: "ftp://x/y" is no archive address (begin it with https://, http://, copy:/ or file:/)',
	],
	aptComponents: [
		ROOT +
			source("one", 'uris = ["https://x"]\nsuites = ["s"]') +
			source("two", 'uris = ["https://x"]\nsuites = ["./"]\ncomponents = ["main"]'),
		'p/x.toml:7:1 apt.sources[0].components: suite "s" needs components (such as components = ["main"])',
		'p/x.toml:12:1 apt.sources[1].components: "./" is a path in a flat archive, which has no components (take the components out)',
	],
	debNames: [
		`${ROOT}debs = ["a/x.deb", "b/x.deb", "a/x.txt"]\n`,
		'p/x.toml:7:31 debs[2]: "a/x.txt" is not a .deb file',
		"p/x.toml:7:20 debs[1]: a file called x.deb is already given at p/x.toml:7 (rename one of the two)",
	],
	uniqueOverlays: [
		`${ROOT}overlays = ["base", "./base"]\n`,
		'p/x.toml:7:21 overlays[1]: an overlay called "base" is already given at p/x.toml:7 (rename the folder)',
	],
	espSize: [
		ROOT.replace("260MiB", "100MiB"),
		'p/x.toml:6:25 disk.esp: expected at least 260MiB, got 100MiB: disks with 4096-byte sectors need it (esp = "260MiB")',
	],
	rootFits: [
		ROOT.replace("3GiB", "800MiB"),
		"p/x.toml:6:10 disk.size: 800MiB leaves 476 MiB for the root filesystem (esp 260MiB, seed 64MiB) (at least 836MiB, and more for packages)",
	],
};

test("every rule has a profile here that breaks it", () => {
	expect(Object.keys(BAD)).toEqual(RULES.map(({ name }) => name));
});

test.each(Object.entries(BAD))("%s", async (_rule, [profile, ...complaints]) => {
	const dir = await folder({
		"p/x.toml": profile,
		"p/key.asc": await readFile(new URL("../../../profiles/bases/keyrings/ubuntu-24.04.asc", import.meta.url)),
		"p/a/x.deb": "",
		"p/a/x.txt": "",
		"p/b/x.deb": "",
		"o/base/overlay.toml": "",
		"p/base/overlay.toml": "",
	});
	expect(await complaintsOf(() => resolveIn(dir, "x"))).toEqual(complaints);
});

test("a profile's name must do as a file name", async () => {
	const dir = await folder({ "p/my site.toml": ROOT });
	expect(await complaintsOf(() => resolveIn(dir, "my site"))).toEqual([
		'p/my site.toml a profile called "my site" cannot be part of an image\'s file name (rename the file: letters, digits, dots, dashes and _)',
	]);
});

test("what is named but not there: overlays, scripts and packages, all at once", async () => {
	const dir = await folder({
		"p/x.toml": `${ROOT}overlays = ["bsae", "./own", "unlike"]\ndebs = ["x.deb"]\nscripts = ["s.sh", "folder"]\n`,
		"p/folder/f": "",
		"o/base/overlay.toml": "",
		"o/README.md": "",
	});
	expect(await complaintsOf(() => resolveIn(dir, "x"))).toEqual([
		'p/x.toml:7:13 overlays[0]: there is no overlay "bsae"; there are: base (did you mean "base"?)',
		"p/x.toml:7:21 overlays[1]: there is no folder ./own beside the profile",
		'p/x.toml:7:30 overlays[2]: there is no overlay "unlike"; there are: base (name a folder of your own by its path, as ./NAME)',
		"p/x.toml:8:9 debs[0]: there is no file x.deb beside the profile",
		"p/x.toml:9:12 scripts[0]: there is no file s.sh beside the profile",
		"p/x.toml:9:20 scripts[1]: there is no file folder beside the profile",
	]);
});
