import { expect, test } from "vitest";
import { settableKeys } from "../../../builder/profile/set.ts";
import { complaintsOf, folder, ROOT, resolveIn } from "./support.ts";

const site = () => folder({ "p/x.toml": `${ROOT}packages = ["a", "b"]\nkernel.args = ["quiet"]\nsettings = { rack = 1 }\n` });

test("scalars take the type of their key, the last one wins, and --set beats every file", async () => {
	const sets = [
		"kernel=virtual",
		"console.speed=9600",
		"console.speed=57600",
		"recommends=true",
		"disk.size=8GiB",
		"ssh.root_login=false",
	];
	const { profile, origins } = await resolveIn(await site(), "x", ...sets);
	expect(profile.kernel.flavour).toBe("virtual");
	expect(profile.console.speed).toBe(57600);
	expect(profile.recommends).toBe(true);
	expect(profile.disk.size).toBe("8GiB");
	expect(origins.get("disk.size")).toEqual({ file: "--set" });
	expect(origins.get("disk.esp")).toEqual({ file: "p/x.toml", line: 6, column: 25 });
});

test("settings are typed by their look, or quoted", async () => {
	const sets = [
		"settings.a=5",
		"settings.b=true",
		"settings.c=007",
		'settings.d="5"',
		"settings.e=a=b",
		"settings.f=",
		"settings.rack=2",
	];
	const { profile } = await resolveIn(await site(), "x", ...sets);
	expect(profile.settings).toEqual({ rack: 2, a: 5, b: true, c: "007", d: "5", e: "a=b", f: "" });
});

test("lists take items and lose them; packages make a layer of their own on top", async () => {
	const sets = [
		"packages+=htop",
		"packages+=-a",
		"formats+=raw",
		"kernel.args+=-quiet",
		"kernel.args+=a=b",
		"units.mask+=cups.service",
	];
	const { profile, origins } = await resolveIn(await site(), "x", ...sets);
	expect(profile.layers.map(({ name, packages }) => [name, ...packages])).toEqual([
		["x", "b"],
		["--set", "htop"],
	]);
	expect(origins.get("packages[1]")).toEqual({ file: "--set" });
	expect(profile.formats).toEqual(["qcow2", "raw"]);
	expect(profile.kernel.args).toEqual(["a=b"]);
	expect(profile.units.mask).toEqual(["cups.service"]);
});

test("every mistake is told, with the way to write it", async () => {
	const sets = [
		"disk.siz=4GiB",
		"packages=x",
		"base+=x",
		"console.speed=fast",
		"recommends=yes",
		"kernel",
		"extends+=k3s",
		"settings=1",
		"disk.size=4GB",
	];
	const dir = await site();
	const complaints = await complaintsOf(() => resolveIn(dir, "x", ...sets));
	expect(complaints.map((text) => text.replace(/known: .*, scripts(?= )/, "known: …"))).toEqual([
		'--set disk.siz=4GiB: unknown key "disk.siz"; known: … (did you mean "disk.size"?)',
		"--set packages=x: packages is a list (--set packages+=x)",
		"--set base+=x: base is not a list (--set base=x)",
		'--set console.speed=fast: expected a whole number, got "fast"',
		'--set recommends=yes: expected true or false, got "yes"',
		"--set kernel is neither key=value nor list+=item (for example --set kernel=virtual)",
		"--set extends+=k3s: extends can only be given in a profile",
		'--set settings=1: unknown key "settings"; known: … (write settings.NAME=…)',
		'--set disk.size: expected a size such as 512MiB or 4GiB, got "4GB"',
	]);
});

test("every key but those that describe a file, and lists of tables, can be set", () => {
	const keys = [...settableKeys().keys()];
	expect(keys).toContain("disk.seed");
	expect(keys.filter((key) => /version|description|extends|apt/.test(key))).toEqual([]);
});
