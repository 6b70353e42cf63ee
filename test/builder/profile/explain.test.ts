import { expect, test } from "vitest";
import { explain, lineage } from "../../../builder/profile/explain.ts";
import { originOfPackage } from "../../../builder/profile/origins.ts";
import { folder, ROOT, resolveIn } from "./support.ts";

const site = () =>
	folder({
		"p/root.toml": `${ROOT}packages = ["a", "b"]\noverlays = ["o"]\n[units]\nmask = ["u.service"]\n`,
		"p/x.toml": 'version = 1\nextends = ["root"]\npackages = ["-a", "c", "b=2.0"]\nscripts = ["x.sh"]\n[settings]\nname = "n"\n',
		"p/x.sh": "",
		"o/o/overlay.toml": "",
	});

test("every value is shown with the file and line that gave it", async () => {
	const dir = await site();
	const shown = explain(await resolveIn(dir, "x", "disk.size=4GiB", "packages+=d"));
	expect(shown.map(({ path, value, file, line }) => `${path} = ${value} ${file}:${line ?? "-"}`.replace(dir, "."))).toEqual([
		"base = debian-13 p/root.toml:2",
		"kernel.flavour = generic p/root.toml:4",
		"console.serial = ttyS0 p/root.toml:5",
		"console.speed = 115200 p/root.toml:5",
		"disk.size = 4GiB --set:-",
		"disk.esp = 260MiB p/root.toml:6",
		"disk.seed = 64MiB p/root.toml:6",
		"disk.filesystem = ext4 p/root.toml:6",
		"settings.name = n p/x.toml:6",
		"packages[0] = b=2.0 p/x.toml:3",
		"packages[1] = c p/x.toml:3",
		"packages[2] = d --set:-",
		"overlays[0] = o p/root.toml:8",
		"units.mask[0] = u.service p/root.toml:10",
		"formats[0] = qcow2 p/root.toml:3",
		"scripts[0] = ./p/x.sh p/x.toml:4",
	]);
});

test("the line that asked for a package is found by its name", async () => {
	const resolved = await resolveIn(await site(), "x", "packages+=d");
	expect(originOfPackage(resolved, "b")).toEqual({ path: "packages[0]", where: { file: "p/x.toml", line: 3, column: 24 } });
	expect(originOfPackage(resolved, "d")).toEqual({ path: "packages[2]", where: { file: "--set" } });
	expect(originOfPackage(resolved, "a")).toBeUndefined();
});

test.each([
	["x", [], ["x", "root"]],
	["both", [], ["both", "x", "root"]],
	["x", ["packages+=d"], ["--set", "x", "root"]],
])("%s with %j is made of %j", async (name, sets, names) => {
	const dir = await folder({
		"p/root.toml": `${ROOT}packages = ["a"]\n`,
		"p/x.toml": 'version = 1\nextends = ["root"]\npackages = ["b"]\n',
		"p/both.toml": 'version = 1\nextends = ["root", "x"]\n',
	});
	expect(lineage((await resolveIn(dir, name, ...sets)).profile)).toEqual(names);
});
