import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { type Pack, pack } from "tar-stream";
import { addFrom, type Layer, whole } from "./layer.ts";

/** An image of an archive: what `docker save` would have written of it. */
export interface ArchivedImage {
	/** Whole name with tag: `localhost/clusteros/busybox:1`. */
	readonly name: string;
	/** As in image configurations: amd64, arm64. */
	readonly arch: string;
	readonly command: readonly string[];
	/** The lowest first. */
	readonly layers: readonly Layer[];
}

/**
 * Writes a docker-archive (`docker load`, `ctr images import`, skopeo's `docker-archive:`), streaming. A layer that
 * several images stand on is there once. The same images and epoch (seconds) always make the same bytes.
 * https://github.com/moby/docker-image-spec (v1.2, "Combined Image JSON + Filesystem Changeset Format")
 */
export async function writeDockerArchive(file: string, images: readonly ArchivedImage[], epoch: number): Promise<void> {
	const archive = pack();
	await Promise.all([pipeline(archive, createWriteStream(file)), fill(archive, images, epoch)]);
}

async function fill(archive: Pack, images: readonly ArchivedImage[], epoch: number): Promise<void> {
	const common = { mtime: new Date(epoch * 1000), mode: 0o644, uid: 0, gid: 0 };
	const layers = new Map(images.flatMap((image) => image.layers.map((layer) => [layerName(layer), layer] as const)));
	for (const [name, layer] of layers) await addFrom(archive, { ...common, name }, layer.file);
	const configs = images.map((image) => configOf(image, epoch));
	const written = new Set<string>();
	for (const { name, text } of configs) {
		if (!written.has(name)) await whole(archive, { ...common, name }, text);
		written.add(name);
	}
	const entries = images.map((image, index) => ({
		Config: configs[index]!.name,
		RepoTags: [image.name],
		Layers: image.layers.map(layerName),
	}));
	await whole(archive, { ...common, name: "manifest.json" }, JSON.stringify(entries));
	archive.finalize();
}

function layerName({ sha256 }: Layer): string {
	return `${sha256}.tar`;
}

/** An image's configuration, named by its own digest: that digest is the image's id. */
function configOf({ arch, command, layers }: ArchivedImage, epoch: number): { name: string; text: string } {
	const created = new Date(epoch * 1000).toISOString();
	const text = JSON.stringify({
		architecture: arch,
		os: "linux",
		created,
		config: { Cmd: command, Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], WorkingDir: "/" },
		rootfs: { type: "layers", diff_ids: layers.map(({ sha256 }) => `sha256:${sha256}`) },
		history: layers.map(() => ({ created, created_by: "clusteros" })),
	});
	return { name: `${createHash("sha256").update(text).digest("hex")}.json`, text };
}
