import { chmod, constants, copyFile, link, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../core/errors.ts";
import { sha256File } from "./contents.ts";
import { unless } from "./disk.ts";
import { type Context, lockFile, tmpPath } from "./layout.ts";
import { waitLock } from "./lock.ts";
import { explainingNoSpace } from "./space.ts";

/** A kept package: its bytes on disk and when it was last linked (ISO 8601). */
export interface Deb {
	readonly sha256: string;
	readonly size: number;
	readonly used: string;
}

/** Downloaded packages by the SHA-256 that the signed index gives them. */
export interface Debs {
	has(sha256: string): Promise<boolean>;
	path(sha256: string): string;
	/** Takes the file over (it is gone from where it was). @throws UserError when it has another digest. */
	add(file: string, sha256: string): Promise<void>;
	/** Puts the package at `dest`, hard-linked where possible: read it, never write to it. False when it is not kept, or is spoiled (removed aloud). */
	link(sha256: string, dest: string): Promise<boolean>;
	list(): Promise<Deb[]>;
	/** Removes those whose content is not what their name says. Returns their digests. */
	verify(): Promise<string[]>;
	remove(sha256: string): Promise<void>;
}

const NAME = /^([0-9a-f]{64})\.deb$/;

export function debsOf(ctx: Context): Debs {
	const path = (sha256: string) => join(ctx.layout.debs, `${sha256}.deb`);
	const has = async (sha256: string) => (await unless(["ENOENT"], stat(path(sha256)))) !== undefined;
	const remove = (sha256: string) => rm(path(sha256), { force: true });
	const isIntact = async (sha256: string) => {
		const found = await unless(["ENOENT"], sha256File(path(sha256)));
		if (found === undefined || found === sha256) return found === sha256;
		ctx.warn(`a downloaded package in the cache is damaged and is removed: ${path(sha256)}`);
		await remove(sha256);
		return false;
	};
	const list = async () => {
		const shas = (await readdir(ctx.layout.debs)).map((name) => NAME.exec(name)?.[1]).filter((sha) => sha !== undefined);
		return (await Promise.all(shas.map((sha256) => debOf(path(sha256), sha256)))).filter((deb) => deb !== undefined);
	};
	return {
		has,
		path,
		remove,
		list,
		add: (file, sha256) => explainingNoSpace(ctx.layout.root, () => add(ctx, file, sha256, path(sha256))),
		link: async (sha256, dest) => (await isIntact(sha256)) && linkOrCopy(path(sha256), dest),
		verify: async () => {
			const bad: string[] = [];
			for (const { sha256 } of await list()) if (!(await isIntact(sha256))) bad.push(sha256);
			return bad;
		},
	};
}

async function debOf(path: string, sha256: string): Promise<Deb | undefined> {
	const at = await unless(["ENOENT"], stat(path));
	return at && { sha256, size: at.blocks * 512, used: at.mtime.toISOString() };
}

async function add(ctx: Context, file: string, sha256: string, kept: string): Promise<void> {
	const found = await sha256File(file);
	if (found !== sha256)
		throw new UserError("failed", {
			message: `${file} has SHA-256 ${found}, its index says ${sha256}`,
			fix: "try again; if it stays, use another --mirror",
		});
	if (!(await moved(file, kept))) await copied(ctx, file, sha256, kept);
	await rm(file, { force: true });
}

/** Not synced: the digest is compared at every use. Only a file of our own is moved: another owner could still change it. */
async function moved(file: string, kept: string): Promise<boolean> {
	if ((await stat(file)).uid !== process.getuid!()) return false;
	await chmod(file, 0o444);
	return (
		(await unless(
			["EXDEV", "EACCES", "EPERM"],
			rename(file, kept).then(() => true),
		)) ?? false
	);
}

/** By way of `tmp` under the lock of its digest, so that what a kill leaves is swept as all else. */
async function copied(ctx: Context, file: string, sha256: string, kept: string): Promise<void> {
	await using _lock = await waitLock(lockFile(ctx, sha256), () => {}, { signal: ctx.signal });
	const aside = tmpPath(ctx, sha256);
	try {
		await copyFile(file, aside, constants.COPYFILE_FICLONE);
		await chmod(aside, 0o444);
		await rename(aside, kept);
	} finally {
		await rm(aside, { force: true });
	}
}

async function linkOrCopy(kept: string, dest: string): Promise<boolean> {
	await rm(dest, { force: true });
	const now = new Date();
	await utimes(kept, now, now);
	const linked = await unless(
		["EXDEV", "EPERM", "EMLINK"],
		link(kept, dest).then(() => true),
	);
	if (!linked) await copyFile(kept, dest, constants.COPYFILE_FICLONE);
	return true;
}
