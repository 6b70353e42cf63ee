import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { basename } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import * as zlib from "node:zlib";
import { extract } from "tar-stream";
import { UserError } from "../../core/errors.ts";
import { quote } from "../../core/process/quote.ts";

/** Container images in one file, as `docker save` and its like make it. */
export interface ImageFile {
	readonly path: string;
	/** The file's name on the nodes: with an ending that k3s looks at. */
	readonly name: string;
	readonly size: number;
	/** Bytes of what is in it, uncompressed. */
	readonly unpacked: number;
	/** Names under which pods take them. */
	readonly images: readonly string[];
	/** Go's words, such as amd64; empty when the file does not tell. */
	readonly architectures: readonly string[];
}

/** What `ctr` takes, by the file's first bytes. Endings as in k3s' pkg/agent/containerd: lz4 and bzip2 are for it alone. */
const PACKINGS = [
	{
		ending: ".tar",
		at: 257,
		magic: "7573746172",
		unpack: () => new Transform({ transform: (chunk, _, done) => done(null, chunk) }),
	},
	{ ending: ".tar.gz", at: 0, magic: "1f8b", unpack: () => zlib.createGunzip() },
	{ ending: ".tar.zst", at: 0, magic: "28b52ffd", unpack: zstd },
] as const;

type Packing = (typeof PACKINGS)[number];

/** In Node 22.15 and later; the types that we build with are older. */
function zstd(): Transform {
	return (zlib as unknown as { createZstdDecompress(): Transform }).createZstdDecompress();
}

/** Descriptions of images are a few KB; what is larger is a layer. */
const SMALL = 1_000_000;

/** Reads the whole file and says what is in it. @throws UserError when it holds no images, is cut off, or they have no names. */
export async function readImageFile(path: string): Promise<ImageFile> {
	const { size, packing } = await look(path);
	const texts = new Map<string, string>();
	const unpacked = await readTar(path, packing, texts);
	const images = namesIn(texts);
	if (images === undefined)
		throw refuse(path, "it holds no container images: neither docker's manifest.json nor OCI's index.json");
	if (images.length === 0) throw refuse(path, "its images have no names: they were saved by their numbers");
	const stem = basename(path).replace(/(\.tar)?(\.(gz|zst|tgz|tzst))?$/, "");
	// With a word of ours in front: it never takes the place of the archives that came with the image.
	const name = `import-${stem.replaceAll(/[^\w.-]/g, "_")}${packing.ending}`;
	return { path, name, size, unpacked, images, architectures: architecturesIn(texts) };
}

async function look(path: string): Promise<{ size: number; packing: Packing }> {
	try {
		await using file = await open(path);
		const [{ size }, { buffer }] = [await file.stat(), await file.read(Buffer.alloc(262), 0, 262, 0)];
		const packing = PACKINGS.find(({ at, magic }) => buffer.subarray(at, at + magic.length / 2).toString("hex") === magic);
		if (packing) return { size, packing };
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === "ENOENT") throw new UserError("usage", { message: `there is no file ${path}` });
		if (code === "EISDIR") throw refuse(path, "it is a folder");
		throw error;
	}
	throw refuse(path, "it is no tar file, be it plain or compressed with gzip or zstd");
}

function refuse(path: string, why: string): UserError {
	const fix = `such as: docker save -o app.tar NAME:TAG, podman save -o app.tar NAME:TAG, or skopeo copy … docker-archive:app.tar`;
	return new UserError("invalid", { message: `${quote(path)} cannot be imported: ${why}`, fix });
}

/** Puts all small JSON files into `texts`; returns the bytes of the tar. */
async function readTar(path: string, { unpack }: Packing, texts: Map<string, string>): Promise<number> {
	let bytes = 0;
	const count = new Transform({
		transform: (chunk, _, done) => {
			bytes += chunk.length;
			done(null, chunk);
		},
	});
	const reader = extract();
	reader.on("entry", ({ name, size = 0 }, stream, next) => {
		const chunks: Buffer[] = [];
		if (size <= SMALL) stream.on("data", (chunk) => chunks.push(chunk as Buffer));
		stream.on("end", () => {
			const text = Buffer.concat(chunks).toString();
			if (/^\s*[[{]/.test(text)) texts.set(name.replace(/^\.\//, ""), text);
			next();
		});
		// A file that is cut off is told of by the reader, too; unheard here, it would end the process.
		stream.on("error", () => {});
		stream.resume();
	});
	try {
		await pipeline(createReadStream(path), unpack(), count, reader);
	} catch (error) {
		throw refuse(path, `it is damaged or cut off (${(error as Error).message})`);
	}
	return bytes;
}

interface Descriptor {
	readonly annotations?: Readonly<Record<string, string>>;
}

/** Docker's file comes first: newer versions write both, and only there the names are whole. Undefined: none of the two is there. */
function namesIn(texts: ReadonlyMap<string, string>): readonly string[] | undefined {
	const docker = parsed(texts.get("manifest.json"));
	if (Array.isArray(docker)) return docker.flatMap(({ RepoTags }) => (RepoTags ?? []) as string[]);
	const oci = parsed(texts.get("index.json")) as { manifests?: readonly Descriptor[] } | undefined;
	return oci?.manifests?.flatMap(({ annotations = {} }) => {
		return annotations["io.containerd.image.name"] ?? annotations["org.opencontainers.image.ref.name"] ?? [];
	});
}

/** Of images' configurations, wherever they lie in the archive. */
function architecturesIn(texts: ReadonlyMap<string, string>): readonly string[] {
	const configs = [...texts.values()].map(parsed) as { architecture?: unknown; rootfs?: unknown }[];
	const named = configs.flatMap((config) =>
		config?.rootfs && typeof config.architecture === "string" ? [config.architecture] : [],
	);
	return [...new Set(named)];
}

function parsed(text: string | undefined): unknown {
	try {
		return text === undefined ? undefined : JSON.parse(text);
	} catch {
		return undefined;
	}
}
