import fc from "fast-check";
import { expect, test } from "vitest";
import { mergeSources } from "../../../builder/profile/merge.ts";
import type { Source } from "../../../builder/profile/source.ts";
import { profileFile } from "../../../core/contract/profile.ts";
import { complaintsOf, folder, ROOT, resolveIn } from "./support.ts";

const source = (name: string, file: object, kind: Source["kind"] = "file"): Source => ({
	name,
	kind,
	dir: `/${name}`,
	value: profileFile.parse({ version: 1, ...file }),
	where: (path) => ({ file: name, line: 1 + Number(path.at(-1)) }),
});
const texts = (sources: readonly Source[], list: string) =>
	mergeSources(sources)
		.lists.get(list)!
		.map(({ text }) => text);

/** What the rules of docs/profile.md give, said another way: walk all items in order over a plain list of names. */
function expected(lists: readonly (readonly string[])[]): string[] {
	const names: string[] = [];
	for (const item of lists.flat()) {
		const at = names.indexOf(item.replace(/^-/, ""));
		if (item.startsWith("-") && at >= 0) names.splice(at, 1);
		if (!item.startsWith("-") && at < 0) names.push(item);
	}
	return names;
}

const item = fc.tuple(fc.boolean(), fc.constantFrom("a", "b", "c", "d")).map(([removes, name]) => (removes ? `-${name}` : name));
const chains = fc.array(fc.array(item, { maxLength: 5 }), { minLength: 1, maxLength: 4 });

test("any chain of lists is appended and removed in order", () => {
	fc.assert(
		fc.property(chains, (lists) => {
			const sources = lists.map((packages, index) => source(`p${index}`, { packages }));
			expect(texts(sources, "packages")).toEqual(expected(lists));
		}),
	);
});

test("items stay in the order of their profiles, so that layers follow the chain", () => {
	fc.assert(
		fc.property(chains, (lists) => {
			const sources = lists.map((packages, index) => source(`p${index}`, { packages }));
			const owners = mergeSources(sources)
				.lists.get("packages")!
				.map((one) => sources.indexOf(one.source));
			expect(owners).toEqual(owners.toSorted((a, b) => a - b));
		}),
	);
});

test("a removal is a problem exactly when nothing is there to remove", () => {
	fc.assert(
		fc.property(chains, (lists) => {
			const sources = lists.map((packages, index) => source(`p${index}`, { packages }));
			const flat = lists.flat();
			const idle = flat.filter((one, index) => one.startsWith("-") && !expected([flat.slice(0, index)]).includes(one.slice(1)));
			expect(mergeSources(sources).problems).toHaveLength(idle.length);
		}),
	);
});

test("scalars: the later wins, what it leaves out stays; settings merge by name", () => {
	const sources = [
		source("a", { disk: { size: "1GiB", esp: "260MiB" }, settings: { x: 1, y: 2 } }),
		source("b", { disk: { size: "2GiB" }, settings: { y: 3 } }),
	];
	const values = Object.fromEntries(
		[...mergeSources(sources).scalars].map(([path, { value, where }]) => [path, `${value} of ${where.file}`]),
	);
	expect(values).toEqual({ "disk.size": "2GiB of b", "disk.esp": "260MiB of a", "settings.x": "1 of a", "settings.y": "3 of b" });
});

test("formats are replaced by a file and appended to by --set", () => {
	const [a, b, c] = [source("a", { formats: ["qcow2", "raw"] }), source("b", { formats: ["raw"] }), source("c", {})];
	expect(texts([a, b, c], "formats")).toEqual(["raw"]);
	expect(texts([a, source("--set", { formats: ["iso", "-raw"] }, "set")], "formats")).toEqual(["qcow2", "iso"]);
});

test("a version pin takes the parent's place; a later mention without version leaves it; -name removes it", () => {
	const [plain, pinned] = [source("a", { packages: ["x", "y"] }), source("b", { packages: ["x=1.2"] })];
	const merged = mergeSources([plain, pinned]).lists.get("packages")!;
	expect(merged.map((one) => [one.text, one.source.name, one.where.file])).toEqual([
		["x=1.2", "a", "b"],
		["y", "a", "a"],
	]);
	expect(texts([pinned, plain], "packages")).toEqual(["x=1.2", "y"]);
	expect(texts([pinned, source("c", { packages: ["-x"] })], "packages")).toEqual([]);
});

test("a unit has one state: a later profile's word takes it from the others", () => {
	const units = (lists: object) => ({ units: lists });
	const parent = source("a", units({ enable: ["x.service", "y.service"], mask: ["z.service", "-.mount"] }));
	const child = source("b", units({ mask: ["x.service"], enable: ["z.service"], disable: ["-gone.service"] }));
	expect(texts([parent, child], "units.enable")).toEqual(["y.service", "z.service"]);
	expect(texts([parent, child], "units.mask")).toEqual(["-.mount", "x.service"]);
	expect(mergeSources([parent, child]).problems).toHaveLength(1);
});

test("paths are told apart by where they lie, not by how they are written", async () => {
	const dir = await folder({
		"p/root.toml": `${ROOT}scripts = ["s/a.sh", "s/b.sh"]\noverlays = ["named", "../own"]\ndebs = ["x.deb"]\n`,
		"p/s/a.sh": "",
		"p/s/b.sh": "",
		"p/x.deb": "",
		"o/named/overlay.toml": "",
		"own/overlay.toml": "",
		"site/site.toml": `version = 1\nextends = ["root"]\nscripts = ["-../p/s/a.sh", "../p/s/b.sh"]\noverlays = ["-../own"]\ndebs = ["-../p/x.deb"]\n`,
	});
	const { profile } = await resolveIn(dir, "site/site.toml");
	expect(profile.scripts).toEqual([`${dir}/p/s/b.sh`]);
	expect(profile.overlays).toEqual([{ name: "named", dir: `${dir}/o/named` }]);
	expect(profile.layers).toEqual([{ name: "root", packages: [], debs: [], overlays: ["named"] }]);
});

test("taking away what is not there is shown with what was near", async () => {
	const dir = await folder({ "p/x.toml": `${ROOT}packages = ["slurm-client", "-slrum-client"]\n` });
	expect(await complaintsOf(() => resolveIn(dir, "x"))).toEqual([
		'p/x.toml:7:29 packages[1]: "-slrum-client" removes nothing: no profile before this one names slrum-client here' +
			' (did you mean "-slurm-client"?)',
	]);
});
