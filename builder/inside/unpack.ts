import { createReadStream } from "node:fs";
import { chmod, chown, lchown, lstat, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { extract, type Header } from "tar-stream";
import { UserError } from "../../core/errors.ts";

/** Ids of the tree's own users and groups, by name. */
interface Ids {
	readonly user: ReadonlyMap<string, number>;
	readonly group: ReadonlyMap<string, number>;
}

/**
 * Puts the files of an archive into the tree, over what packages brought. Owners are the tree's, by name.
 * Returns their paths, absolute in the image.
 * @throws UserError for an owner that no package made, and for a file where the tree has a folder.
 */
export async function unpack(archive: string, root: string): Promise<string[]> {
	const ids = { user: await idsOf(join(root, "etc/passwd")), group: await idsOf(join(root, "etc/group")) };
	const placed: string[] = [];
	const entries = createReadStream(archive, { highWaterMark: 1024 * 1024 }).pipe(extract());
	for await (const entry of entries) {
		const { header } = entry;
		await place(root, header, entry as AsyncIterable<Uint8Array>, ids);
		entry.resume();
		placed.push(`/${header.name}`);
	}
	return placed;
}

async function idsOf(file: string): Promise<ReadonlyMap<string, number>> {
	const lines = (await readFile(file, "utf8")).split("\n").filter(Boolean);
	return new Map(lines.map((line) => line.split(":")).map(([name, , id]) => [name!, Number(id)]));
}

async function place(root: string, header: Header, content: AsyncIterable<Uint8Array>, ids: Ids): Promise<void> {
	const path = `/${header.name}`;
	const to = join(root, path);
	const uid = idOf(ids.user, header.uname!, path, "user");
	const gid = idOf(ids.group, header.gname!, path, "group");
	await mkdir(dirname(to), { recursive: true });
	if (await isFolder(to))
		throw new UserError("invalid", { message: `${path} is a folder in the image; an overlay cannot put a file there` });
	await rm(to, { force: true });
	if (header.type === "symlink") {
		await symlink(header.linkname!, to);
		await lchown(to, uid, gid);
		return;
	}
	await writeFile(to, content);
	await chown(to, uid, gid);
	await chmod(to, header.mode!);
}

async function isFolder(path: string): Promise<boolean> {
	return lstat(path).then(
		(stat) => stat.isDirectory(),
		() => false,
	);
}

function idOf(known: ReadonlyMap<string, number>, name: string, path: string, what: "user" | "group"): number {
	const id = /^\d+$/.test(name) ? Number(name) : known.get(name);
	if (id !== undefined) return id;
	throw new UserError("invalid", {
		message: `${path}: there is no ${what} "${name}" in the image`,
		fix: "name one that a package of the profile makes, or a number",
	});
}
