import { readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { downloadText, keepDownload } from "../../../builder/apt/download.ts";
import { makeWorld } from "../../../builder/apt/world.ts";
import { openStore } from "../../../builder/store/store.ts";
import { sha256 } from "../k3s/stand-in.ts";
import { complaintsOf, folder } from "../profile/support.ts";
import { cut, loopback } from "./loopback.ts";

/** The real apt-helper against a web server on this machine. */

const CONTENT = "the program ".repeat(10_000);
const noTrees = {
	inventory: async () => 0,
	check: async () => [],
	remove: (dir: string) => rm(dir, { recursive: true, force: true }),
};

async function setting() {
	const dir = await folder({ keep: "" });
	const world = await makeWorld({ dir: join(dir, "world"), arch: "amd64", sources: "", recommends: false, options: {} });
	const warned: string[] = [];
	const store = await openStore(join(dir, "cache"), noTrees, { warn: (text) => warned.push(text) });
	const keep = (url: string, content = CONTENT) =>
		keepDownload(store, { name: "k3s v1", url, sha256: sha256(content), world, fix: "elsewhere" });
	const left = async () => [...(await readdir(join(dir, "cache/tmp"))), ...(await readdir(join(dir, "cache/entries")))];
	return { store, world, warned, keep, left };
}

describe("a file from an address", () => {
	it("is fetched once, whatever the address, and held while it is used", async () => {
		const { keep, left } = await setting();
		const server = await loopback({ "/v1%2Bk3s1/k3s": CONTENT });
		await using kept = await keep(`${server.url}/v1%2Bk3s1/k3s`);
		expect(await readFile(kept.file, "utf8")).toBe(CONTENT);
		await server.close();
		await using again = await keep("http://127.0.0.1:1/elsewhere");
		expect(again.file).toBe(kept.file);
		expect(server.asked).toEqual(["/v1%2Bk3s1/k3s"]);
		expect(await left()).toHaveLength(1);
	});

	it("that is not what was promised is told with both digests, and nothing is kept", async () => {
		const { keep, left } = await setting();
		const { url } = await loopback({ "/k3s": "<html>log in first</html>" });
		expect(await complaintsOf(() => keep(`${url}/k3s`))).toEqual([
			`k3s v1: ${url}/k3s sent other bytes than expected: SHA-256 ${sha256("<html>log in first</html>")} instead of ${sha256(CONTENT)}; nothing of it was kept (the server changed the file, or the digest is that of another one; elsewhere)`,
		]);
		expect(await left()).toEqual([]);
	});

	it("that breaks off is tried again, then told, and nothing is kept", async () => {
		const { keep, left } = await setting();
		const server = await loopback({ "/k3s": cut(CONTENT) });
		expect(await complaintsOf(() => keep(`${server.url}/k3s`))).toEqual([
			expect.stringMatching(
				/^downloading k3s v1: the server does not answer, or not to the end: .*; tried http:\/\/127.*\/k3s \(elsewhere\)$/,
			),
		]);
		expect(server.asked.length).toBeGreaterThan(1);
		expect(await left()).toEqual([]);
	});

	it("that breaks off once comes whole", async () => {
		const { keep } = await setting();
		let asked = 0;
		const server = await loopback({
			"/k3s": (request, response) => {
				if (asked++ === 0) cut(CONTENT)(request, response);
				else response.writeHead(200, { "content-length": CONTENT.length }).end(CONTENT);
			},
		});
		await using kept = await keep(`${server.url}/k3s`);
		expect(await readFile(kept.file, "utf8")).toBe(CONTENT);
		expect(asked).toBe(2);
	});

	it("from nobody, and one that is not there, are told with what else could be done", async () => {
		const { keep, left } = await setting();
		const server = await loopback({});
		expect(await complaintsOf(() => keep(`${server.url}/k3s`))).toEqual([
			`there is no k3s v1 at ${server.url}/k3s (404) (elsewhere)`,
		]);
		await server.close();
		expect(await complaintsOf(() => keep(`${server.url}/k3s`))).toEqual([
			expect.stringMatching(/^downloading k3s v1: the server does not answer, .*refused.*; tried http:\S+ \(elsewhere\)$/),
		]);
		expect(await left()).toEqual([]);
	});
});

const scratch = async () => (await readdir(tmpdir())).filter((name) => name.startsWith("clusteros-download-"));

it("a small text leaves nothing behind", async () => {
	const { world } = await setting();
	const { url } = await loopback({ "/list": "abc  k3s\n" });
	const before = await scratch();
	expect(await downloadText({ name: "list", url: `${url}/list`, world, fix: "" }, (file) => readFile(file, "utf8"))).toBe(
		"abc  k3s\n",
	);
	expect(await scratch()).toEqual(before);
});
