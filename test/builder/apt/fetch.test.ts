import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type DebShelf, fetchDebs } from "../../../builder/apt/fetch.ts";
import type { Deb } from "../../../builder/apt/solve.ts";
import { makeWorld } from "../../../builder/apt/world.ts";
import { complaintsOf, folder } from "../profile/support.ts";

/** The real apt-helper, from files: `copy:` is fetched, compared and stored as http is. */

const sha256 = (content: string) => createHash("sha256").update(content).digest("hex");

async function setting(contents: Readonly<Record<string, string>>) {
	const dir = await folder(Object.fromEntries(Object.entries(contents).map(([name, content]) => [`archive/${name}`, content])));
	for (const name of ["temp", "shelf"]) await mkdir(join(dir, name));
	const kept = () => readdir(join(dir, "shelf"));
	const shelf: DebShelf = {
		has: async (digest) => (await kept()).includes(digest),
		add: async (file, digest) => {
			if (sha256(await readFile(file, "utf8")) !== digest) throw new Error("digest");
			await rename(file, join(dir, "shelf", digest));
		},
	};
	const world = await makeWorld({ dir: join(dir, "world"), arch: "amd64", sources: "", recommends: false, options: {} });
	const debs = Object.entries(contents).map(([name, content]): Deb => {
		const common = { name, version: "1", arch: "all", installed: 0, file: `${name}_1_all.deb` };
		return { ...common, size: content.length, sha256: sha256(content), uri: `copy:${join(dir, "archive", name)}` };
	});
	return { dir, kept, fetch: () => fetchDebs({ world, debs, shelf, temp: join(dir, "temp"), tried: ["copy:/archive"] }) };
}

describe("packages", () => {
	it("are fetched once", async () => {
		const { kept, fetch, dir } = await setting({ a: "one", b: "three" });
		expect(await fetch()).toBe(8);
		expect((await kept()).toSorted()).toEqual([sha256("one"), sha256("three")].toSorted());
		expect(await fetch()).toBe(0);
		expect(await readdir(join(dir, "temp"))).toEqual([]);
	});

	it("that are not what the index says are not kept; the others are, and are not fetched again", async () => {
		const { kept, fetch, dir } = await setting({ a: "one", b: "three" });
		await writeFile(join(dir, "archive/b"), "THREE");
		expect(await complaintsOf(fetch)).toEqual([
			expect.stringContaining(`(hash mismatch): copy:${join(dir, "archive/b")}; tried`),
		]);
		expect(await kept()).toEqual([sha256("one")]);
		expect(await readdir(join(dir, "temp"))).toEqual([]);
		await writeFile(join(dir, "archive/b"), "three");
		expect(await fetch()).toBe(5);
	});
});
