import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readOverlay } from "../../../builder/profile/overlay.ts";
import { resolveProfile } from "../../../builder/profile/resolve.ts";
import { folder } from "./support.ts";

const CHECKOUT = new URL("../../../", import.meta.url).pathname;
const page = await readFile(`${CHECKOUT}docs/profile.md`, "utf8");
const blocks = [...page.matchAll(/^```toml\n(.*?)^```$/gms)].map(([, text]) => text!);
const profiles = blocks.filter((text) => text.includes("extends"));
const overlay = blocks.find((text) => text.startsWith("# storage/overlay.toml"))!;

test("docs/profile.md has an example of each way out", () => {
	for (const key of ["[[apt.sources]]", "debs =", "scripts =", "overlays =", "args ="])
		expect(profiles.filter((text) => text.includes(key))).toHaveLength(1);
});

test.each(profiles)("the page's example %# resolves with the files that it names", async (text) => {
	const dir = await folder({
		"site.toml": text,
		"site-archive.asc": await readFile(`${CHECKOUT}profiles/bases/keyrings/debian-13.asc`),
		"debs/accelerator-driver_2.1_amd64.deb": "",
		"scripts/banner.sh": "",
		"storage/overlay.toml": overlay,
		...Object.fromEntries(["base", "agent", "cloud-init", "slurm", "k3s"].map((name) => [`overlays/${name}/overlay.toml`, ""])),
	});
	const options = { profileDirs: [`${CHECKOUT}profiles`], overlayDirs: [join(dir, "overlays")], sets: [], cwd: dir };
	const { profile } = await resolveProfile("site.toml", options);
	expect(profile.description).not.toBe("");
	expect((await readOverlay(join(dir, "storage"))).packages).toEqual(["nfs-common"]);
});
