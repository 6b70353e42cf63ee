import { randomBytes } from "node:crypto";
import { readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sha256File } from "../../../builder/store/contents.ts";
import { room } from "./room.ts";

describe("memo", () => {
	it("asks once for a question, also over processes, and again for another", async () => {
		await using at = await room();
		let asked = 0;
		const ask = async () => ({ n: ++asked });
		expect(await (await at.open()).memo("solver", { q: 1 }, ask)).toEqual({ n: 1 });
		const store = await at.open();
		expect(await store.memo("solver", { q: 1 }, ask)).toEqual({ n: 1 });
		expect(await store.memo("solver", { q: 2 }, ask)).toEqual({ n: 2 });
		expect(await store.memo("other", { q: 1 }, ask)).toEqual({ n: 3 });
	});

	it("keeps an answer that is null or false, and nothing of a question that failed", async () => {
		await using at = await room();
		const store = await at.open();
		const never = async () => Promise.reject(new Error("asked"));
		await expect(store.memo("a", { q: 1 }, never)).rejects.toThrow("asked");
		expect(await store.memo("a", { q: 1 }, async () => null)).toBeNull();
		expect(await store.memo("a", { q: 1 }, never)).toBeNull();
	});

	it("asks again when the kept answer cannot be read", async () => {
		await using at = await room();
		const store = await at.open();
		await store.memo("a", { q: 1 }, async () => 1);
		const [name] = await at.names("answers");
		await writeFile(join(at.cache, "answers", name!), '{"version":1,"va');
		expect(await store.memo("a", { q: 1 }, async () => 2)).toBe(2);
	});

	it("recalls an answer with its age, up to the age that is allowed", async () => {
		await using at = await room();
		const store = await at.open();
		const kept = await store.remember("inrelease", { uri: "u" }, "digest");
		expect(await store.recall("inrelease", { uri: "u" }, 60)).toEqual(kept);
		await new Promise((resolve) => setTimeout(resolve, 5));
		expect(await store.recall("inrelease", { uri: "u" }, 0)).toBeUndefined();
	});
});

describe("fileDigest", () => {
	const old = new Date("2024-05-06T07:08:09Z");

	async function large(dir: string) {
		const file = join(dir, "large");
		await writeFile(file, randomBytes(300_000));
		await utimes(file, old, old);
		return file;
	}

	it("remembers a large file until it changes, even when its time was put back", async () => {
		await using at = await room();
		const file = await large(at.dir);
		const first = await (await at.open()).fileDigest(file);
		const known = JSON.parse(await readFile(join(at.cache, "digests.json"), "utf8")) as { files: Record<string, unknown> };
		expect(Object.keys(known.files)).toEqual([file]);
		expect(await (await at.open()).fileDigest(file)).toBe(first);
		await writeFile(file, randomBytes(300_000));
		await utimes(file, old, old);
		const changed = await (await at.open()).fileDigest(file);
		expect(changed).not.toBe(first);
		expect(changed).toBe(await sha256File(file));
	});

	it("answers from what it remembers", async () => {
		await using at = await room();
		const file = await large(at.dir);
		const store = await at.open();
		const digest = await store.fileDigest(file);
		const digests = join(at.cache, "digests.json");
		await writeFile(digests, (await readFile(digests, "utf8")).replace(digest, "remembered"));
		expect(await store.fileDigest(file)).toBe("remembered");
	});

	it("does not remember a file that was changed a moment ago", async () => {
		await using at = await room();
		const store = await at.open();
		const file = join(at.dir, "fresh");
		await writeFile(file, randomBytes(300_000));
		await store.fileDigest(file);
		await expect(readFile(join(at.cache, "digests.json"))).rejects.toThrow("ENOENT");
	});

	it.each(["", "{", "[]", "null", '{"version":1,"files":null}', '{"version":2,"files":{}}'])(
		"hashes again when what it remembers reads %j",
		async (text) => {
			await using at = await room();
			const store = await at.open();
			const file = await large(at.dir);
			await writeFile(join(at.cache, "digests.json"), text);
			expect(await store.fileDigest(file)).toBe(await sha256File(file));
		},
	);
});
