import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { InternalError } from "../../core/errors.ts";
import { sync, unless } from "./disk.ts";
import type { FileRecord, Stored } from "./record.ts";
import { RECORD } from "./record.ts";

/** SHA-256 of a file's bytes in lower-case hex, streamed. */
export async function sha256File(path: string): Promise<string> {
	const hash = createHash("sha256");
	await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
	return hash.digest("hex");
}

/** Digests and syncs every file below `dir`; `size` is bytes on disk, so that a sparse file counts what it takes. */
export async function survey(dir: string): Promise<{ files: Record<string, FileRecord>; size: number }> {
	const files: Record<string, FileRecord> = {};
	let size = 0;
	for (const path of await filesBelow(dir)) {
		const full = join(dir, path);
		await sync(full);
		const sha256 = await sha256File(full);
		const at = await stat(full, { bigint: true });
		files[path] = { size: Number(at.size), mtime: String(at.mtimeNs), sha256 };
		size += Number(at.blocks) * 512;
	}
	return { files, size };
}

async function filesBelow(dir: string, prefix = ""): Promise<string[]> {
	const found: string[] = [];
	const listing = await readdir(join(dir, prefix), { withFileTypes: true });
	for (const item of listing.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
		const path = join(prefix, item.name);
		if (item.isDirectory()) found.push(...(await filesBelow(dir, path)));
		else if (item.isFile() && path !== RECORD) found.push(path);
		else throw new InternalError(`${path} cannot be kept in an entry of plain files`);
	}
	return found;
}

/** Whether every file still has the recorded size and time: nothing is read. */
export async function looksIntact(dir: string, files: Stored["files"]): Promise<boolean> {
	for (const [path, was] of Object.entries(files)) {
		const now = await unless(["ENOENT", "ENOTDIR"], stat(join(dir, path), { bigint: true }));
		if (!now || Number(now.size) !== was.size || String(now.mtimeNs) !== was.mtime) return false;
	}
	return true;
}

/** Compares digests, of all files or with `suspects` only of those whose size or time changed. Returns differences, none when intact. */
export async function damages(dir: string, files: Stored["files"], which: "all" | "suspects"): Promise<string[]> {
	const found: string[] = [];
	for (const [path, was] of Object.entries(files)) {
		const full = join(dir, path);
		const now = await unless(["ENOENT", "ENOTDIR"], stat(full, { bigint: true }));
		if (!now) found.push(`${path} is missing`);
		else if (Number(now.size) !== was.size) found.push(`${path} has ${now.size} bytes instead of ${was.size}`);
		else if (which === "suspects" && String(now.mtimeNs) === was.mtime) continue;
		else if ((await sha256File(full)) !== was.sha256) found.push(`${path} has other content (SHA-256)`);
	}
	return found;
}

/** The same files with the times that they have now. */
export async function withTimesOfNow(dir: string, files: Stored["files"]): Promise<Stored["files"]> {
	const refreshed: Record<string, FileRecord> = {};
	for (const [path, was] of Object.entries(files))
		refreshed[path] = { ...was, mtime: String((await stat(join(dir, path), { bigint: true })).mtimeNs) };
	return refreshed;
}
