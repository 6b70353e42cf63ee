import { chmod, readdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256File } from "../../builder/store/contents.ts";
import { planDocument } from "../../core/contract/plan.ts";
import { run } from "../../core/process/run.ts";
import { cli } from "./support/cli.ts";
import { asOwner, leftovers, privateCache, type Room, room } from "./support/room.ts";
import { type Built, buildArgs, built, SHARED_CACHE } from "./support/shared.ts";

/** A store of our own, damaged in the ways disks and people do it: noticed aloud, made again, the same bytes in the end. */

let at: Room;
let cache: string;
let whole: Built;
/** Keys of the steps by their ids. */
let keys: ReadonlyMap<string, string>;

beforeAll(async () => {
	at = await room();
	const args = ["--profile", "testtop"];
	whole = await built(SHARED_CACHE, at.path("whole"), args);
	const { stdout } = await cli(buildArgs(SHARED_CACHE, at.path("whole"), ...args, "--plan", "--json"));
	keys = new Map(planDocument.parse(JSON.parse(stdout)).steps.map(({ id, key }) => [id, key]));
	const wanted = [...keys].filter(([id]) => id !== "disk").map(([, key]) => key);
	cache = await privateCache(at.path("cache"), wanted);
});

afterAll(() => at?.[Symbol.asyncDispose]());

const entry = (id: string, ...parts: string[]) => join(cache, "entries", keys.get(id)!, ...parts);
const forget = (...ids: string[]) => asOwner(["rm", "-rf", ...ids.map((id) => entry(id))]);
const build = (...more: string[]) => built(cache, at.path("out"), ["--profile", "testtop", ...more]);

describe("the private store", () => {
	it("is whole to begin with", async () => {
		const { made, manifest } = await build();
		expect({ made, artifacts: manifest.artifacts }).toEqual({ made: [], artifacts: whole.manifest.artifacts });
	});
});

describe("noticed when it is used", () => {
	it("a truncated image", async () => {
		const { size } = await stat(entry("qcow2", "disk.qcow2"));
		await truncate(entry("qcow2", "disk.qcow2"), size - 65_536);
		const { made, manifest, stderr } = await build();
		expect(stderr).toMatch(
			/^warning: the cache's qcow2:testtop\S* \([0-9a-f]{12}\) is damaged and is removed: disk\.qcow2 has \d+ bytes instead of \d+$/m,
		);
		expect(made).toEqual(["disk", "qcow2"]);
		expect(manifest.artifacts).toEqual(whole.manifest.artifacts);
	});

	it("an image with other bytes of the same length", async () => {
		const file = entry("qcow2", "disk.qcow2");
		const bytes = await readFile(file);
		bytes[bytes.length >> 1]! ^= 1;
		await writeFile(file, bytes);
		const { made, manifest, stderr } = await build();
		expect(stderr).toMatch(/^warning: .*qcow2:testtop.*disk\.qcow2 has other content \(SHA-256\)$/m);
		expect(made).toEqual(["disk", "qcow2"]);
		expect(manifest.artifacts).toEqual(whole.manifest.artifacts);
	});

	it("a changed file in a layer's tree, when an image is made of it", async () => {
		const binary = entry("packages:testtop", "tree/usr/bin/tree");
		await asOwner(["sh", "-c", 'printf x | dd of="$1" bs=1 seek=4096 conv=notrunc status=none', "sh", binary]);
		// Another format: the image that is there needs no layer, this one needs them all.
		const { made, stderr, file } = await build("--format", "raw");
		expect(stderr).toMatch(/^warning: the cache's packages:testtop\S* .* is damaged and is removed: usr\/bin\/tree/m);
		expect(made).toEqual(["packages:testtop", "disk"]);
		await run(["qemu-img", "compare", "-f", "raw", "-F", "qcow2", file("raw"), whole.file("qcow2")], {
			doing: "comparing images",
		});
	});

	it("a file that is missing in the lowest layer, below layers that are whole", async () => {
		await asOwner(["rm", entry("packages:testbase", "tree/etc/debian_version")]);
		await forget("disk", "qcow2");
		const { made, cached, manifest, stderr } = await build();
		expect(stderr).toMatch(
			/^warning: the cache's packages:testbase\S* .* is damaged and is removed: (etc: .*, )?etc\/debian_version: missing/m,
		);
		expect(made).toEqual(["packages:testbase", "disk", "qcow2"]);
		expect(cached).toEqual(["packages:testtop", "programs", "files"]);
		expect(manifest.artifacts).toEqual(whole.manifest.artifacts);
	});

	it("a layer that is gone from below one that is there", async () => {
		await forget("packages:testtop", "qcow2");
		const { made, cached, manifest } = await build();
		expect(made).toEqual(["packages:testtop", "disk", "qcow2"]);
		expect(cached).toEqual(["packages:testbase", "programs", "files"]);
		expect(manifest.artifacts).toEqual(whole.manifest.artifacts);
	});

	it("the layer with the kernel, gone from below an image that is there", async () => {
		await forget("files");
		const { made, manifest } = await build();
		expect(made).toEqual(["files"]);
		expect(manifest.kernel.vmlinuz.sha256).toBe(whole.manifest.kernel.vmlinuz.sha256);
		expect(manifest.artifacts).toEqual(whole.manifest.artifacts);
	});

	it("nothing of a kept disk: an image is made of it without a look at the layers", async () => {
		await build("--format", "raw");
		await forget("qcow2");
		const { made, manifest } = await build();
		expect(made).toEqual(["qcow2"]);
		expect(manifest.artifacts).toEqual(whole.manifest.artifacts);
	});

	it("a downloaded package", async () => {
		const name = await packageOf("tree");
		await chmod(join(cache, "debs", name), 0o644);
		await writeFile(join(cache, "debs", name), "not a package at all");
		await forget("packages:testtop", "disk", "qcow2");
		const { manifest, stderr } = await build();
		expect(stderr).toMatch(/^warning: a downloaded package in the cache is damaged and is removed: .*\.deb$/m);
		expect(`${await sha256File(join(cache, "debs", name))}.deb`).toBe(name);
		expect(manifest.artifacts).toEqual(whole.manifest.artifacts);
	});

	it("a record that is cut off", async () => {
		await forget("disk");
		await truncate(entry("qcow2", "record.json"), 100);
		const { made, manifest, stderr } = await build();
		expect(stderr).toMatch(/^warning: the cache's record of [0-9a-f]{12} cannot be read: it will be made again$/m);
		expect(made).toEqual(["disk", "qcow2"]);
		expect(manifest.artifacts).toEqual(whole.manifest.artifacts);
	});
});

describe("clusteros cache verify", () => {
	it("finds what has the recorded size and time, too, and the next build makes it again", async () => {
		const agent = entry("files", "tree/usr/lib/clusteros/agent.js");
		const epoch = `@${whole.manifest.epoch}`;
		await asOwner([
			"sh",
			"-ec",
			'printf x | dd of="$1" bs=1 seek=9 conv=notrunc status=none; touch -d "$2" "$1"',
			"sh",
			agent,
			epoch,
		]);
		const verified = await cli(["cache", "verify", "--cache-dir", cache]);
		expect(verified.code).toBe(1);
		expect(verified.stderr).toMatch(/files:testtop\S* [0-9a-f]{12}: usr\/lib\/clusteros\/agent\.js: content changed/);
		const { made, manifest } = await build();
		expect(made).toEqual(["files"]);
		expect(manifest.artifacts).toEqual(whole.manifest.artifacts);
		expect(await cli(["cache", "verify", "--cache-dir", cache])).toMatchObject({ code: 0 });
		expect(await leftovers(cache, at.path("out"))).toEqual([]);
	});
});

/** The kept file of a package, whose name is its digest. */
async function packageOf(name: string): Promise<string> {
	for (const file of await readdir(join(cache, "debs"))) {
		const { stdout } = await run(["dpkg-deb", "--field", join(cache, "debs", file), "Package"], { doing: "reading a package" });
		if (stdout.trim() === name) return file;
	}
	throw new Error(`no ${name} among the downloads`);
}
