import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { extract, type Header } from "tar-stream";
import { expect, it } from "vitest";
import { busyboxLayer } from "../../../builder/oci/busybox.ts";
import { writeDockerArchive } from "../../../builder/oci/docker-archive.ts";
import { writeLayer } from "../../../builder/oci/layer.ts";
import { folder } from "../profile/support.ts";

const EPOCH = 1_750_000_000;
const sha256 = (content: Uint8Array) => createHash("sha256").update(content).digest("hex");

async function untar(from: Readable): Promise<Map<string, { header: Header; content: Buffer }>> {
	const found = new Map<string, { header: Header; content: Buffer }>();
	for await (const entry of from.pipe(extract()))
		found.set(entry.header.name, { header: entry.header, content: await buffer(entry) });
	return found;
}

async function archive() {
	const dir = await folder({ busybox: "the program" });
	const layer = await writeLayer(
		join(dir, "layer.tar"),
		busyboxLayer(join(dir, "busybox"), ["sh", "ls", "busybox", "sh", ""]),
		EPOCH,
	);
	const file = join(dir, "images.tar");
	const images = [
		{ name: "localhost/a/pause:1", arch: "amd64", command: ["/bin/sh", "-c", "sleep 1"], layers: [layer] },
		{ name: "localhost/a/sh:1", arch: "amd64", command: ["/bin/sh"], layers: [layer] },
	];
	await writeDockerArchive(file, images, EPOCH);
	return { layer, file, entries: await untar(createReadStream(file)) };
}

it("is what docker save writes: every digest holds, and a layer that two images share is there once", async () => {
	const { layer, entries } = await archive();
	const manifest = JSON.parse(String(entries.get("manifest.json")!.content)) as {
		Config: string;
		RepoTags: string[];
		Layers: string[];
	}[];
	expect(manifest.map(({ RepoTags }) => RepoTags)).toEqual([["localhost/a/pause:1"], ["localhost/a/sh:1"]]);
	expect(entries.size).toBe(4);
	for (const { Config, Layers } of manifest) {
		const { content } = entries.get(Config)!;
		expect(`${sha256(content)}.json`).toBe(Config);
		const config = JSON.parse(String(content)) as { rootfs: { diff_ids: string[] }; architecture: string };
		expect(config).toMatchObject({ architecture: "amd64", os: "linux", created: "2025-06-15T15:06:40.000Z" });
		expect(config.rootfs.diff_ids).toEqual(Layers.map((name) => `sha256:${sha256(entries.get(name)!.content)}`));
		expect(config.rootfs.diff_ids).toEqual([`sha256:${layer.sha256}`]);
	}
	const commands = manifest.map(({ Config }) => JSON.parse(String(entries.get(Config)!.content)).config.Cmd);
	expect(commands).toEqual([["/bin/sh", "-c", "sleep 1"], ["/bin/sh"]]);
});

it("has busybox, a link for each applet, and root as the owner of all", async () => {
	const { layer } = await archive();
	const entries = await untar(createReadStream(layer.file));
	expect(String(entries.get("bin/busybox")!.content)).toBe("the program");
	expect(entries.get("bin/busybox")!.header.mode).toBe(0o755);
	const links = [...entries.values()]
		.filter(({ header }) => header.type === "symlink")
		.map(({ header }) => `${header.name} ${header.linkname}`);
	expect(links).toEqual(["bin/ls busybox", "bin/sh busybox"]);
	expect(entries.get("tmp")!.header.mode).toBe(0o1777);
	for (const { header } of entries.values())
		expect([header.uid, header.gid, header.mtime!.getTime()]).toEqual([0, 0, EPOCH * 1000]);
	expect(layer.size).toBe((await readFile(layer.file)).length);
});

it("is the same, byte by byte, when it is made again", async () => {
	const [one, other] = [await archive(), await archive()];
	expect(sha256(await readFile(one.file))).toBe(sha256(await readFile(other.file)));
});
