import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Header, type Pack, pack } from "tar-stream";

/** One file of a layer; it belongs to root. Paths are relative, as in any layer: `bin/sh`. */
export type LayerEntry =
	| { readonly path: string; readonly type: "folder"; readonly mode: number }
	| { readonly path: string; readonly type: "link"; readonly target: string }
	| { readonly path: string; readonly type: "file"; readonly mode: number; readonly content: string | { readonly from: string } };

/** A layer as it lies on the disk: an uncompressed tar, whose SHA-256 is its `diff_id`. */
export interface Layer {
	readonly file: string;
	readonly sha256: string;
	/** Bytes. */
	readonly size: number;
}

type Named = Partial<Header> & Pick<Header, "name">;

/** Packs a layer, streaming: the same entries and epoch (seconds) always make the same bytes. */
export async function writeLayer(file: string, entries: readonly LayerEntry[], epoch: number): Promise<Layer> {
	const archive = pack();
	const hash = createHash("sha256");
	const hashing = new Transform({
		transform(chunk: Buffer, _encoding, done) {
			hash.update(chunk);
			done(null, chunk);
		},
	});
	const fill = async () => {
		for (const entry of entries) await add(archive, entry, epoch);
		archive.finalize();
	};
	await Promise.all([pipeline(archive, hashing, createWriteStream(file)), fill()]);
	return { file, sha256: hash.digest("hex"), size: (await stat(file)).size };
}

async function add(archive: Pack, entry: LayerEntry, epoch: number): Promise<void> {
	const common = { name: entry.path, mtime: new Date(epoch * 1000), uid: 0, gid: 0 };
	if (entry.type === "folder") return whole(archive, { ...common, type: "directory", mode: entry.mode });
	if (entry.type === "link") return whole(archive, { ...common, type: "symlink", mode: 0o777, linkname: entry.target });
	if (typeof entry.content === "string") return whole(archive, { ...common, mode: entry.mode }, entry.content);
	await addFrom(archive, { ...common, mode: entry.mode }, entry.content.from);
}

/** Adds an entry whose content is in memory. */
export function whole(archive: Pack, header: Named, content = ""): Promise<void> {
	return new Promise((resolve, reject) => {
		archive.entry(header, content, (error) => (error ? reject(error) : resolve()));
	});
}

/** Adds an entry whose content is a file's, streamed. */
export async function addFrom(archive: Pack, header: Named, from: string): Promise<void> {
	const { size } = await stat(from);
	await pipeline(createReadStream(from, { highWaterMark: 1024 * 1024 }), archive.entry({ ...header, size }));
}
