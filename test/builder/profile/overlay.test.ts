import { join } from "node:path";
import { expect, test } from "vitest";
import { readOverlay } from "../../../builder/profile/overlay.ts";
import { complaintsOf, folder } from "./support.ts";

test("what an overlay leaves out has its default", async () => {
	const dir = await folder({ "o/overlay.toml": 'version = 1\ndescription = "d"\n[files]\n"/etc/x" = { mode = "0640" }\n' });
	expect(await readOverlay(join(dir, "o"))).toEqual({
		version: 1,
		description: "d",
		packages: [],
		programs: [],
		container_image: [],
		units: { enable: [], disable: [], mask: [] },
		files: { "/etc/x": { mode: "0640" } },
		links: {},
	});
});

test("mistakes are shown with their places, all at once", async () => {
	const text = 'version = 1\npackages = "x"\nunit = {}\n[files]\n"etc/x" = {}\n"/etc/y" = { mode = 640, ownr = "z" }\n';
	const dir = await folder({ "o/overlay.toml": text });
	expect(await complaintsOf(() => readOverlay(join(dir, "o"), dir))).toEqual([
		'o/overlay.toml:1:1 "description" is missing: One line for people.',
		'o/overlay.toml:2:1 packages: expected a list, got "x" (write ["x"])',
		'o/overlay.toml:3:1 unknown key "unit"; known here: version, description, packages, units, files, links, programs, container_image (did you mean "units"?)',
		'o/overlay.toml:5:1 files["etc/x"]: expected text that starts with "/" as the name, got a table',
		'o/overlay.toml:6:14 files["/etc/y"].mode: expected text in quotes, got the number 640',
		'o/overlay.toml:6:26 files["/etc/y"]: unknown key "ownr"; known here: mode, owner, group (did you mean "owner"?)',
	]);
});

test("a folder without overlay.toml is told what to write", async () => {
	const dir = await folder({ "o/rootfs/etc/x": "" });
	const fix = '(write one with the lines: version = 1 and description = "…")';
	expect(await complaintsOf(() => readOverlay(join(dir, "o"), dir))).toEqual([
		`o/overlay.toml the overlay has no overlay.toml ${fix}`,
	]);
	expect(await complaintsOf(() => readOverlay(join(dir, "none"), dir))).toEqual([
		`none/overlay.toml the overlay's folder is missing or empty ${fix}`,
	]);
});
