import { mkdir, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Store } from "../../../builder/store/store.ts";
import { files, type Room, room, tree } from "./room.ts";

const DAY = 24 * 3600;

/** Makes entries one after another, each with a time of its own. */
async function makeAll(store: Store, slot: string, versions: readonly number[]): Promise<string[]> {
	const keys: string[] = [];
	for (const version of versions) {
		const wanted = files({ slot, version }, { x: `${slot} ${version}`.padEnd(5000) }, slot);
		await store.make(wanted);
		keys.push(wanted.key);
		await new Promise((resolve) => setTimeout(resolve, 2));
	}
	return keys;
}

async function usedDaysAgo(at: Room, key: string, days: number): Promise<void> {
	const then = Date.now() / 1000 - days * DAY;
	await utimes(join(at.cache, "entries", key, "record.json"), then, then);
}

async function left(store: Store): Promise<string[]> {
	return (await store.list()).map(({ entry }) => `${entry.slot} ${entry.record.version}`).toSorted();
}

describe("why", () => {
	it("compares with the newest entry of the slot, unless another one is nearer", async () => {
		await using at = await room();
		const store = await at.open();
		await store.make(files({ packages: ["a"] }, {}, "layer"));
		await new Promise((resolve) => setTimeout(resolve, 2));
		await store.make(files({ packages: ["a", "b"] }, {}, "layer"));
		await new Promise((resolve) => setTimeout(resolve, 2));
		await store.make(files({ packages: ["a", "b"], mode: "another", root: "another" }, {}, "layer"));
		await store.make(files({ packages: [] }, {}, "other"));
		expect(await store.why("layer", { packages: ["a", "b", "c"] })).toEqual(['packages: added "c"']);
		expect(await store.why("never", { packages: [] })).toEqual([]);
	});
});

describe("retain", () => {
	it("keeps the newest of a slot, and what is in use", async () => {
		await using at = await room();
		const store = await at.open();
		await makeAll(store, "a", [1, 2, 3, 4]);
		await makeAll(store, "b", [1]);
		const oldest = (await store.list()).find(({ entry }) => entry.record.version === 1 && entry.slot === "a")!;
		await using _held = await store.use(oldest.entry);
		await store.retain("a", 2);
		expect(await left(store)).toEqual(["a 1", "a 3", "a 4", "b 1"]);
	});
});

describe("prune", () => {
	it("by itself takes what was replaced or long unused", async () => {
		await using at = await room();
		const store = await at.open();
		await makeAll(store, "a", [1, 2]);
		const [old] = await makeAll(store, "b", [1]);
		await usedDaysAgo(at, old!, 31);
		expect((await store.prune()).removed).toHaveLength(2);
		expect(await left(store)).toEqual(["a 2"]);
	});

	it("takes what was not used for some days; finding counts as use", async () => {
		await using at = await room();
		const store = await at.open();
		const keys = await makeAll(store, "a", [1, 2, 3]);
		for (const key of keys) await usedDaysAgo(at, key, 10);
		await store.find(keys[1]!);
		await store.prune({ olderThanDays: 9 });
		expect(await left(store)).toEqual(["a 2"]);
	});

	it("takes the least recently used until the rest fits, and says how much that is", async () => {
		await using at = await room();
		const store = await at.open();
		const keys = await makeAll(store, "a", [1, 2, 3]);
		const [days, sizes] = [[1, 3, 2], (await store.list()).map(({ entry }) => entry.size)];
		for (const [n, key] of keys.entries()) await usedDaysAgo(at, key, days[n]!);
		expect(new Set(sizes)).toEqual(new Set([8192]));
		const pruned = await store.prune({ maxBytes: 10_000 });
		expect(pruned).toMatchObject({ freed: 16_384, left: 8192, inUse: [] });
		expect(await left(store)).toEqual(["a 1"]);
		expect((await store.prune({ maxBytes: 10_000 })).removed).toEqual([]);
	});

	it("counts downloaded packages, and removes all with `all`", async () => {
		await using at = await room();
		const store = await at.open();
		await makeAll(store, "a", [1]);
		const deb = join(at.dir, "x.deb");
		await writeFile(deb, "deb");
		await store.debs.add(deb, await store.fileDigest(deb));
		await store.memo("solver", { q: 1 }, async () => 1);
		expect((await store.prune({ all: true })).removed).toHaveLength(2);
		expect([await store.list(), await store.debs.list(), await at.names("answers")]).toEqual([[], [], []]);
	});
});

describe("prune, of archives' indexes,", () => {
	/** An index that was fetched `days` ago: its lists have the archive's times. */
	async function index(at: Room, name: string, days: number): Promise<void> {
		const then = Date.now() / 1000 - days * DAY;
		const dir = join(at.cache, "apt", name);
		await mkdir(join(dir, "lists"), { recursive: true });
		await writeFile(join(dir, "lists/Packages"), "x".repeat(5000));
		await writeFile(join(dir, "answer.json"), "{}");
		for (const path of ["lists/Packages", "lists", ""]) await utimes(join(dir, path), then - 400 * DAY, then - 400 * DAY);
		await utimes(join(dir, "answer.json"), then, then);
	}
	const indexes = (at: Room) => readdir(join(at.cache, "apt")).then((names) => names.toSorted());

	it("takes what is as old as entries may be, and with `all` what no build can be using", async () => {
		await using at = await room();
		const store = await at.open();
		await store.prune();
		await index(at, "today", 0.9);
		await index(at, "yesterday", 1.1);
		await index(at, "last-month", 31);
		const { removed, freed, left } = await store.prune();
		expect(removed).toEqual(["archive index last-month"]);
		expect([freed, left]).toEqual([expect.any(Number), expect.any(Number)]);
		expect(Math.min(freed, left)).toBeGreaterThanOrEqual(5000);
		expect(await indexes(at)).toEqual(["today", "yesterday"]);
		await store.prune({ all: true });
		expect(await indexes(at)).toEqual(["today"]);
	});
});

describe("verify", () => {
	it("finds what a quick look cannot, and removes it", async () => {
		await using at = await room();
		const store = await at.open();
		const [good, bad] = await makeAll(store, "a", [1, 2]);
		await store.make(tree({ t: 1 }, { x: "content" }));
		const file = join(at.cache, "entries", bad!, "x");
		const text = await readFile(file, "utf8");
		const record = JSON.parse(await readFile(join(at.cache, "entries", bad!, "record.json"), "utf8"));
		await writeFile(file, text.toUpperCase());
		await setTime(file, BigInt(record.files.x.mtime));
		expect(await store.find(bad!)).toBeDefined();
		expect(await store.verify()).toEqual({
			checked: 3,
			busy: [],
			bad: [{ slot: "a", key: bad, differences: ["x has other content (SHA-256)"] }],
		});
		expect(await store.find(good!)).toBeDefined();
		expect(await store.find(bad!)).toBeUndefined();
		expect((await store.verify()).bad).toEqual([]);
	});

	it("reads trees and packages too", async () => {
		await using at = await room();
		const store = await at.open();
		const { entry } = await store.make(tree({ t: 1 }, { x: "content" }));
		await writeFile(join(entry.dir, "tree/x"), "CONTENT");
		const deb = join(at.dir, "x.deb");
		await writeFile(deb, "deb");
		const sha256 = await store.fileDigest(deb);
		await store.debs.add(deb, sha256);
		await writeFile(store.debs.path(sha256), "DEB", { flag: "r+" }).catch(() => {});
		const { bad } = await store.verify();
		expect(bad.map(({ slot }) => slot)).toEqual(process.getuid!() === 0 ? ["layer", "deb"] : ["layer"]);
	});
});

/** Sets a time to the nanosecond, as touch(1) can and Node cannot. */
async function setTime(file: string, ns: bigint): Promise<void> {
	const { run } = await import("../../../core/process/run.ts");
	const stamp = `@${ns / 1_000_000_000n}.${String(ns % 1_000_000_000n).padStart(9, "0")}`;
	await run(["touch", "--date", stamp, file], { doing: "setting a time" });
}
