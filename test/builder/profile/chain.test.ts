import { join } from "node:path";
import { expect, test } from "vitest";
import { resolveProfile } from "../../../builder/profile/resolve.ts";
import { complaintsOf, folder, ROOT, resolveIn, userErrorOf } from "./support.ts";

const child = (parents: string[], rest = "") => `version = 1\nextends = ${JSON.stringify(parents)}\n${rest}`;
const packages = (...names: string[]) => `packages = ${JSON.stringify(names)}\n`;

test("parents come first, left before right, each once; each layer holds what its profile adds", async () => {
	const dir = await folder({
		"p/root.toml": ROOT + packages("a", "b"),
		"p/left.toml": child(["root"], packages("l", "b")),
		"p/right.toml": child(["root"], packages("r", "-a")),
		"p/both.toml": child(["left", "right"], packages("-l", "top")),
	});
	const { profile, files } = await resolveIn(dir, "both");
	const layers = profile.layers.map(({ name, packages }) => [name, ...packages]);
	expect(layers).toEqual([
		["root", "b"],
		["right", "r"],
		["both", "top"],
	]);
	expect(files.map((file) => file.slice(dir.length + 1))).toEqual(["p/both.toml", "p/left.toml", "p/root.toml", "p/right.toml"]);
});

test("a site's own profile may lie anywhere, and extends by name or by a path beside it", async () => {
	const dir = await folder({
		"p/root.toml": ROOT,
		"elsewhere/site.toml": child(["root", "./common.toml"], packages("mine")),
		"elsewhere/common.toml": `version = 1\n${packages("common")}`,
	});
	for (const ref of ["elsewhere/site.toml", join(dir, "elsewhere/site.toml")]) {
		const { profile } = await resolveIn(dir, ref);
		expect([profile.name, ...profile.layers.flatMap((layer) => layer.packages)]).toEqual(["site", "common", "mine"]);
	}
	const from = { profileDirs: [join(dir, "p")], overlayDirs: [], sets: [], cwd: join(dir, "elsewhere") };
	expect((await resolveProfile("site.toml", from)).profile.name).toBe("site");
});

test("the first folder that has the name wins", async () => {
	const dir = await folder({ "p/x.toml": `${ROOT}description = "first"`, "q/x.toml": `${ROOT}description = "second"` });
	const options = { overlayDirs: [], sets: [], cwd: dir };
	const named = (...dirs: string[]) => resolveProfile("x", { ...options, profileDirs: dirs.map((name) => join(dir, name)) });
	expect((await named("q", "p")).profile.description).toBe("second");
});

test("an unknown profile: what there is, and the nearest", async () => {
	const dir = await folder({ "p/base.toml": ROOT, "p/slurm.toml": child(["base"]), "p/site.toml": child(["base", "slrum"]) });
	expect(await complaintsOf(() => resolveIn(dir, "bsae"))).toEqual([
		'there is no profile "bsae"; there are: base, site, slurm (did you mean "base"?)',
	]);
	expect((await userErrorOf(() => resolveIn(dir, "bsae"))).kind).toBe("usage");
	expect(await complaintsOf(() => resolveIn(dir, "site"))).toEqual([
		'p/site.toml:2:19 extends[1]: there is no profile "slrum"; there are: base, site, slurm (did you mean "slurm"?)',
	]);
	expect(await complaintsOf(() => resolveIn(dir, "./gone.toml"))).toEqual(["there is no file ./gone.toml"]);
});

test("a circle is shown whole, with the line of every link, without the way that led to it", async () => {
	const dir = await folder({
		"p/start.toml": child(["a"]),
		"p/a.toml": child(["b"]),
		"p/b.toml": child(["c"]),
		"p/c.toml": child(["a"]),
	});
	expect(await complaintsOf(() => resolveIn(dir, "start"))).toEqual([
		"p/c.toml:2:12 extends: extends goes in a circle: a (p/a.toml:2:12) → b (p/b.toml:2:12) → c (p/c.toml:2:12) → a" +
			" (take one of these out of its file's extends)",
	]);
	const self = await folder({ "p/me.toml": child(["me"]) });
	expect(await complaintsOf(() => resolveIn(self, "me"))).toEqual([
		"p/me.toml:2:12 extends: extends goes in a circle: me (p/me.toml:2:12) → me (take one of these out of its file's extends)",
	]);
});

test("mistakes in all files of the chain and on the command line are told at once", async () => {
	const dir = await folder({
		"p/root.toml": "version = 1\nnope = [\n",
		"p/mid.toml": child(["root"], "pakages = []\n"),
		"p/top.toml": child(["mid"], "formats = 1\n"),
	});
	const complaints = await complaintsOf(() => resolveIn(dir, "top", "disk.siz=4GiB"));
	expect(complaints.map((text) => text.split(" ")[0])).toEqual(["p/root.toml:3:1", "p/mid.toml:3:1", "p/top.toml:3:1", "--set"]);
});
