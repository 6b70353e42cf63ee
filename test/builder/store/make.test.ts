import { readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Interrupted } from "../../../core/errors.ts";
import { files, room, tree } from "./room.ts";

describe("make", () => {
	it("builds once, keeps what was built and says later that it was kept", async () => {
		await using at = await room();
		const wanted = files({ a: 1 }, { "x.txt": "x", "sub/y.txt": "yy" });
		const first = await (await at.open()).make(wanted);
		const store = await at.open();
		const second = await store.make(wanted);
		expect([first.cached, second.cached, wanted.built]).toEqual([false, true, 1]);
		expect(second.entry).toEqual(first.entry);
		expect(second.entry).toMatchObject({ slot: "thing", record: { a: 1 }, info: { files: 2 }, content: "files" });
		expect(await readFile(join(second.entry.dir, "sub/y.txt"), "utf8")).toBe("yy");
		expect(await store.find(wanted.key)).toEqual(first.entry);
		expect(at.warnings).toEqual([]);
	});

	it("shows nothing until all is there", async () => {
		await using at = await room();
		const store = await at.open();
		const wanted = files({ a: 1 }, { x: "x" });
		const seen: unknown[] = [];
		const build = async (dir: string) => {
			seen.push(await at.names("entries"), await store.find(wanted.key), (await at.names("tmp")).length);
			return wanted.build(dir);
		};
		await store.make({ ...wanted, build });
		expect(seen).toEqual([[], undefined, 1]);
		expect([await at.names("entries"), await at.names("tmp")]).toEqual([[wanted.key], []]);
	});

	it("leaves nothing of a build that failed, and throws what it threw", async () => {
		await using at = await room();
		const store = await at.open();
		const wanted = tree({ a: 1 }, { x: "x" });
		const cause = new Error("no such package");
		const build = async (dir: string) => {
			await wanted.build(dir);
			throw cause;
		};
		await expect(store.make({ ...wanted, build })).rejects.toBe(cause);
		expect([await at.names("entries"), await at.names("tmp")]).toEqual([[], []]);
		expect((await store.make(wanted)).cached).toBe(false);
	});

	it("leaves nothing of a build that was interrupted", async () => {
		await using at = await room();
		const stop = new AbortController();
		const store = await at.open(stop.signal);
		const wanted = files({ a: 1 }, { x: "x" });
		const build = async (dir: string) => {
			stop.abort();
			return wanted.build(dir);
		};
		await expect(store.make({ ...wanted, build })).rejects.toBeInstanceOf(Interrupted);
		expect([await at.names("entries"), await at.names("tmp")]).toEqual([[], []]);
	});

	it("keeps the folder to its user", async () => {
		await using at = await room();
		await at.open();
		expect((await stat(at.cache)).mode & 0o777).toBe(0o700);
	});
});

describe("an entry of files", () => {
	async function made(content = "content") {
		const at = await room();
		const store = await at.open();
		const wanted = files({ a: 1 }, { x: content });
		const { entry } = await store.make(wanted);
		return { at, store, wanted, file: join(entry.dir, "x"), record: join(entry.dir, "record.json") };
	}
	const other = new Date("2020-01-01");

	it("is accepted when a file was only touched, and looked at only once for it", async () => {
		const { at, store, wanted, file, record } = await made();
		await using _at = at;
		await utimes(file, other, other);
		const before = await readFile(record, "utf8");
		expect(await store.find(wanted.key)).toBeDefined();
		const after = await readFile(record, "utf8");
		expect(after).not.toBe(before);
		expect(await store.find(wanted.key)).toBeDefined();
		expect(await readFile(record, "utf8")).toBe(after);
		expect(at.warnings).toEqual([]);
	});

	it.each([
		["changed without changing its size", (file: string) => writeFile(file, "CONTENT")],
		["truncated", (file: string) => writeFile(file, "con")],
	])("is removed aloud and made again when a file was %s", async (_, spoil) => {
		const { at, store, wanted, file } = await made();
		await using _at = at;
		await spoil(file);
		await utimes(file, other, other);
		expect(await store.find(wanted.key)).toBeUndefined();
		expect(at.warnings).toEqual([expect.stringMatching(/thing.*is damaged and is removed: x has/)]);
		expect(await at.names("entries")).toEqual([]);
		expect((await store.make(wanted)).cached).toBe(false);
		expect(await readFile(file, "utf8")).toBe("content");
	});

	it("is made again by `make` itself when it was spoiled", async () => {
		const { at, store, wanted, file } = await made();
		await using _at = at;
		await writeFile(file, "spoiled");
		expect([(await store.make(wanted)).cached, wanted.built]).toEqual([false, 2]);
		expect(await readFile(file, "utf8")).toBe("content");
	});

	it("is made again when its record cannot be read", async () => {
		const { at, store, wanted, record } = await made();
		await using _at = at;
		await writeFile(record, "{");
		expect((await store.make(wanted)).cached).toBe(false);
		expect(at.warnings[0]).toMatch(/cannot be read/);
		expect((await store.make(wanted)).cached).toBe(true);
	});

	it("is not taken from under a reader: it is set aside, and removed when the reader is done", async () => {
		const { at, store, wanted, file } = await made();
		await using _at = at;
		const reader = await store.use((await store.find(wanted.key))!);
		await writeFile(file, "spoiled");
		expect(await store.find(wanted.key)).toBeUndefined();
		expect(await readFile(file, "utf8")).toBe("spoiled");
		await reader![Symbol.asyncDispose]();
		expect((await store.make(wanted)).cached).toBe(false);
	});
});

describe("an entry of a tree", () => {
	it("is looked at when it is used, not when it is found", async () => {
		await using at = await room();
		const store = await at.open();
		const wanted = tree({ a: 1 }, { x: "content" });
		const { entry } = await store.make(wanted);
		await (await store.use(entry))![Symbol.asyncDispose]();
		await writeFile(join(entry.dir, "tree/x"), "longer content");
		expect(await store.find(wanted.key)).toBeDefined();
		expect(await store.use(entry)).toBeUndefined();
		expect(at.warnings).toEqual([expect.stringMatching(/layer.*is damaged and is removed/)]);
		expect(await at.names("entries")).toEqual([]);
	});

	it("is made again by `hold` when it was spoiled", async () => {
		await using at = await room();
		const store = await at.open();
		const wanted = tree({ a: 1 }, { x: "content" });
		const { entry } = await store.make(wanted);
		await writeFile(join(entry.dir, "tree/x"), "longer content");
		await using held = await store.hold(wanted);
		expect([held.cached, wanted.built]).toEqual([false, 2]);
		expect(await readFile(join(held.entry.dir, "tree/x"), "utf8")).toBe("content");
	});
});
