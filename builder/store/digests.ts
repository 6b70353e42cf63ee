import type { BigIntStats } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { sha256File } from "./contents.ts";
import { unless, writeAtomic } from "./disk.ts";
import type { Context } from "./layout.ts";

/** Below this, hashing is as fast as remembering. */
const SMALL = 256 * 1024;
const MAX_REMEMBERED = 500;
/** A file changed this recently could change again within one tick of its filesystem's clock: git calls it racy. */
const RACY_MS = 2000;

/** By path: the digest, and the state of the file (device, inode, size, times) that it belongs to. */
type Remembered = Record<string, { readonly state: string; readonly sha256: string }>;

/** SHA-256 of a file in lower-case hex; that of a large file is remembered until its inode, size or times change. */
export async function fileDigest(ctx: Context, path: string): Promise<string> {
	const file = resolve(path);
	const at = await stat(file, { bigint: true });
	if (at.size < SMALL) return sha256File(file);
	const state = stateOf(at);
	const known = (await load(ctx))[file];
	if (known?.state === state) return known.sha256;
	const sha256 = await sha256File(file);
	if (!isRacy(at) && stateOf(await stat(file, { bigint: true })) === state) await save(ctx, file, { state, sha256 });
	return sha256;
}

function stateOf(at: BigIntStats): string {
	return [at.dev, at.ino, at.size, at.mtimeNs, at.ctimeNs].join(" ");
}

function isRacy(at: BigIntStats): boolean {
	return Math.abs(Date.now() - Number(at.mtimeMs)) < RACY_MS;
}

/** A file that is missing or spoiled only costs hashing again. */
async function load(ctx: Context): Promise<Remembered> {
	const text = await unless(["ENOENT"], readFile(ctx.layout.digests, "utf8"));
	try {
		const read = JSON.parse(text ?? "{}") as { version?: number; files?: Remembered };
		return read.version === 1 && typeof read.files === "object" ? (read.files ?? {}) : {};
	} catch {
		return {};
	}
}

/** Reads again first: of two builds that save at once, at worst one answer is lost. */
async function save(ctx: Context, file: string, known: Remembered[string]): Promise<void> {
	const { [file]: _, ...others } = await load(ctx);
	const files = Object.fromEntries([...Object.entries(others), [file, known] as const].slice(-MAX_REMEMBERED));
	await writeAtomic(ctx.layout.digests, `${JSON.stringify({ version: 1, files }, null, "\t")}\n`);
}
