import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { type Header, type Pack, pack } from "tar-stream";
import type { RenderedFile } from "../render/types.ts";

/** A file for the image whose bytes lie on the disk, as made by an earlier part of the build. */
export interface LocalFile {
	/** Absolute in the image. */
	readonly path: string;
	readonly from: string;
	readonly mode: number;
}

/**
 * Packs everything that goes on top of the packages into one tar: owners by name, because ids are only known inside the
 * tree, and one time for all (seconds), so that the same files make the same archive.
 */
export async function packFiles(
	to: string,
	files: readonly RenderedFile[],
	local: readonly LocalFile[],
	epoch: number,
): Promise<void> {
	const archive = pack();
	const fill = async () => {
		const mtime = new Date(epoch * 1000);
		for (const file of files)
			await add(archive, { ...headerOf(file), mtime }, file.target === undefined ? file.content : undefined);
		for (const file of local) await addLocal(archive, file, mtime);
		archive.finalize();
	};
	// Together: a disk that fills up ends the writing, and with it the filling.
	await Promise.all([pipeline(archive, createWriteStream(to)), fill()]);
}

type Named = Partial<Header> & Pick<Header, "name">;

function headerOf(file: RenderedFile): Named {
	const common = { name: file.path.slice(1), mode: file.mode, uname: file.owner, gname: file.group };
	return file.target === undefined ? common : { ...common, type: "symlink", linkname: file.target };
}

function add(archive: Pack, header: Named, content: Buffer | undefined): Promise<void> {
	return new Promise((resolve, reject) => {
		const done = (error?: Error | null) => (error ? reject(error) : resolve());
		if (content) archive.entry(header, content, done);
		else archive.entry(header, done);
	});
}

async function addLocal(archive: Pack, { path, from, mode }: LocalFile, mtime: Date): Promise<void> {
	const { size } = await stat(from);
	const header = { name: path.slice(1), mode, size, mtime, uname: "root", gname: "root" };
	const entry = archive.entry(header);
	await pipeline(createReadStream(from, { highWaterMark: 1024 * 1024 }), entry);
}
