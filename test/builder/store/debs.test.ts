import { copyFile, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sha256File } from "../../../builder/store/contents.ts";
import { UserError } from "../../../core/errors.ts";
import { room } from "./room.ts";

describe("debs", () => {
	async function kept() {
		const at = await room();
		const store = await at.open();
		const file = join(at.dir, "a.deb");
		await writeFile(file, "package");
		const sha256 = await sha256File(file);
		await store.debs.add(file, sha256);
		return { at, debs: store.debs, file, sha256, dest: join(at.dir, "dest.deb") };
	}

	it("takes a package over and puts it where it is wanted", async () => {
		const { at, debs, file, sha256, dest } = await kept();
		await using _at = at;
		await expect(stat(file)).rejects.toThrow("ENOENT");
		expect(await debs.has(sha256)).toBe(true);
		expect(await debs.link(sha256, dest)).toBe(true);
		await writeFile(join(at.dir, "old.deb"), "old");
		expect(await debs.link(sha256, join(at.dir, "old.deb"))).toBe(true);
		expect(await readFile(join(at.dir, "old.deb"), "utf8")).toBe("package");
		expect((await stat(dest)).ino).toBe((await stat(debs.path(sha256))).ino);
		expect(await debs.list()).toMatchObject([{ sha256, size: 4096 }]);
	});

	it("refuses a package that is not what its index says, and leaves it where it is", async () => {
		const { at, debs, file } = await kept();
		await using _at = at;
		await writeFile(file, "other");
		const error = await debs.add(file, "0".repeat(64)).catch((e: unknown) => e);
		expect(error).toBeInstanceOf(UserError);
		expect((error as UserError).message).toMatch(/has SHA-256 [0-9a-f]{64}, its index says 0000/);
		expect([await debs.has("0".repeat(64)), await readFile(file, "utf8")]).toEqual([false, "other"]);
	});

	it("says so when it has not the package, also when that was pruned a moment ago", async () => {
		const { at, debs, sha256, dest } = await kept();
		await using _at = at;
		await rm(debs.path(sha256));
		expect([await debs.has(sha256), await debs.link(sha256, dest)]).toEqual([false, false]);
		expect(at.warnings).toEqual([]);
	});

	it("removes a spoiled package aloud and reports it missing", async () => {
		const { at, debs, sha256, dest } = await kept();
		await using _at = at;
		await rm(debs.path(sha256));
		await writeFile(debs.path(sha256), "pack");
		expect(await debs.link(sha256, dest)).toBe(false);
		expect(at.warnings).toEqual([expect.stringContaining("is damaged and is removed")]);
		expect(await debs.has(sha256)).toBe(false);
		await expect(stat(dest)).rejects.toThrow("ENOENT");
	});

	it("takes a package from another filesystem, and gives to one", async (context) => {
		const { at, debs, file } = await kept();
		await using _at = at;
		const other = await stat("/dev/shm").catch(() => undefined);
		if (!other || other.dev === (await stat(at.dir)).dev) {
			console.log("skipped: /dev/shm is no filesystem of its own here");
			return context.skip("no second filesystem");
		}
		const far = `/dev/shm/clusteros-test-${process.pid}.deb`;
		try {
			await writeFile(file, "from afar");
			await copyFile(file, far);
			const sha256 = await sha256File(far);
			await debs.add(far, sha256);
			expect(await readFile(debs.path(sha256), "utf8")).toBe("from afar");
			await expect(stat(far)).rejects.toThrow("ENOENT");
			expect(await at.names("tmp")).toEqual([]);
			expect(await debs.link(sha256, far)).toBe(true);
			expect(await readFile(far, "utf8")).toBe("from afar");
		} finally {
			await rm(far, { force: true });
		}
	});
});
