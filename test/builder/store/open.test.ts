import { mkdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { defaultCacheDir, openStore } from "../../../builder/store/store.ts";
import { exitCodeOf, UserError } from "../../../core/errors.ts";
import { plainTrees } from "./plain-trees.ts";
import { room } from "./room.ts";

describe("defaultCacheDir", () => {
	it("follows the XDG specification", () => {
		expect(defaultCacheDir({ XDG_CACHE_HOME: "/x", HOME: "/h" })).toBe("/x/clusteros");
		expect(defaultCacheDir({ XDG_CACHE_HOME: "relative", HOME: "/h" })).toBe("/h/.cache/clusteros");
		expect(defaultCacheDir({ XDG_CACHE_HOME: "", HOME: "/h" })).toBe("/h/.cache/clusteros");
		expect(defaultCacheDir({})).toBe(join(homedir(), ".cache/clusteros"));
	});
});

describe("openStore", () => {
	it("marks the folder as a cache for backup programs", async () => {
		await using at = await room();
		await at.open();
		expect(await readFile(join(at.cache, "CACHEDIR.TAG"), "utf8")).toMatch(/^Signature: 8a477f597d28d172789f06886806bc55\n/);
	});

	it("says what is wrong with a folder that cannot be written", async () => {
		await using at = await room();
		const file = join(at.dir, "file");
		await writeFile(file, "");
		for (const dir of [file, join(file, "below"), "/proc/self/cache"]) {
			const error = await openStore(dir, plainTrees).catch((e: unknown) => e);
			expect(error, dir).toBeInstanceOf(UserError);
			expect(exitCodeOf(error)).toBe(3);
			expect((error as UserError).problems[0]).toMatchObject({
				message: expect.stringContaining(`cannot use the cache folder ${dir}`),
				fix: "--cache-dir DIR",
			});
		}
	});

	it("removes only folders of its own naming from tmp", async () => {
		await using at = await room();
		await at.open();
		const abandoned = `${"a".repeat(64)}.0123456789ab`;
		for (const name of [abandoned, "someone-elses"]) await mkdir(join(at.cache, "tmp", name));
		await at.open();
		expect(await at.names("tmp")).toEqual(["someone-elses"]);
	});
});
