import { expect, test } from "vitest";
import { baseFile } from "../../../core/contract/base.ts";
import { profileFile } from "../../../core/contract/profile.ts";
import { mustCheck } from "../../../core/toml/check-document.ts";
import { parseToml } from "../../../core/toml/toml-document.ts";
import { complaintsOf } from "../../builder/profile/support.ts";

const check = (text: string) => mustCheck(parseToml(text, "p.toml", "/p.toml"), profileFile);

test("an unknown key names the keys known at its place and the nearest of them", async () => {
	expect(await complaintsOf(() => check('version = 1\n[kernel]\nflavor = "x"\n'))).toEqual([
		'p.toml:3:1 kernel: unknown key "flavor"; known here: flavour, args (did you mean "flavour"?)',
	]);
	const [top] = await complaintsOf(() => check("version = 1\noverlay = []\n"));
	expect(top).toMatch(/^p\.toml:2:1 unknown key "overlay"; known here: version, .*overlays.* \(did you mean "overlays"\?\)$/);
});

test("a key of the file's top that slid into a table is told where it belongs", async () => {
	expect(await complaintsOf(() => check("version = 1\n[disk]\npackages = []\n"))).toEqual([
		'p.toml:3:1 disk: unknown key "packages"; known here: size, esp, seed, filesystem ("packages" belongs above the file\'s first [table])',
	]);
});

test("all problems are told at once, in the order of the file", async () => {
	const text = `packages = ["ok", "Bad Name", 3]
extends = "base"
recommends = "yes"
settings = { Big = 1, list = [] }
base = 2026-01-01
[console]
speed = 9600.5
serial = "com1"
[disk]
size = "4GB"
filesystem = "ext3"
[units]
enable = ["ssh"]
[[apt.sources]]
name = "x"
uris = []
suites = "stable"
`;
	expect(await complaintsOf(() => check(text))).toEqual([
		'p.toml:1:1 "version" is missing: Version of this file\'s format; 1 today. (add the line: version = 1)',
		'p.toml:1:19 packages[1]: expected a Debian package name, such as slurm-client, or -name to remove it, got "Bad Name"',
		"p.toml:1:31 packages[2]: expected text in quotes, got the number 3",
		'p.toml:2:1 extends: expected a list, got "base" (write ["base"])',
		'p.toml:3:1 recommends: expected true or false, got "yes"',
		"p.toml:4:14 settings.Big: expected a lower-case name as the name, got the number 1",
		"p.toml:4:23 settings.list: expected text in quotes or a number or true or false, got an empty list",
		"p.toml:5:1 base: expected text in quotes, got a date",
		"p.toml:7:1 console.speed: expected a whole number, got the number 9600.5",
		'p.toml:8:1 console.serial: expected a serial device such as ttyS0, got "com1"',
		'p.toml:10:1 disk.size: expected a size such as 512MiB or 4GiB, got "4GB"',
		'p.toml:11:1 disk.filesystem: expected "ext4", got "ext3" (did you mean "ext4"?)',
		'p.toml:13:11 units.enable[0]: expected a unit\'s full name, such as ssh.service, got "ssh"',
		'p.toml:14:1 apt.sources[0]: "key" is missing: The signing key: ASCII-armoured text, or a file beside the profile. A source is never taken unsigned. (save the archive\'s public key beside the profile and write key = "NAME.asc")',
		"p.toml:16:1 apt.sources[0].uris: expected at least 1 item(s), got an empty list",
		'p.toml:17:1 apt.sources[0].suites: expected a list, got "stable" (write ["stable"])',
	]);
});

test("numbers out of range, numbers too large and another format version", async () => {
	expect(await complaintsOf(() => check("version = 2\nconsole.speed = -1\n"))).toEqual([
		"p.toml:1:1 version: expected 1, got the number 2 (a newer ClusterOS may read this file)",
		"p.toml:2:9 console.speed: expected more than 0, got the number -1",
	]);
	expect(await complaintsOf(() => check("version = 1\nconsole.speed = 1152921504606846976\n"))).toEqual([
		"p.toml:2:9 console.speed: expected a number, got a number that is too large",
	]);
});

test("keys that are no words are shown quoted, and keys of any name are gone into", async () => {
	const text = 'version = 1\n[arch."x.y".kernels]\ngeneric = []\n';
	const base = () => mustCheck(parseToml(text, "b.toml", "/b.toml"), baseFile);
	expect(await complaintsOf(base)).toContain(
		'b.toml:3:1 arch["x.y"].kernels.generic: expected at least 1 item(s), got an empty list',
	);
});
