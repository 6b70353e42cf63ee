import { readFileSync, statSync } from "node:fs";
import { ignoreMissing, writeAtomic } from "./atomic-file.ts";
import type { World } from "./world.ts";

/** A file below the world's root as text, or undefined when there is none. */
export function readText(world: World, path: string): string | undefined {
	return ignoreMissing(() => readFileSync(world.root + path, "utf8"));
}

export interface FileSpec {
	/** Absolute on the node. */
	readonly path: string;
	readonly content: string | Uint8Array;
	/** As in chmod. */
	readonly mode: number;
	/** `user:group` by name; root:root when left out. */
	readonly owner?: string | undefined;
}

/** Brings a file to the given content, mode and owner; says whether anything had to change. Whole or not at all. */
export function keepFile(world: World, file: FileSpec): boolean {
	const path = world.root + file.path;
	const ids = ownerIds(world, file.owner);
	const content = Buffer.from(file.content as Uint8Array);
	if (isAsWanted(path, content, file.mode, ids)) return false;
	writeAtomic(path, content, file.mode, ids && ((beside) => world.chown(beside, ids.uid, ids.gid)));
	return true;
}

interface Ids {
	readonly uid: number;
	readonly gid: number;
}

function isAsWanted(path: string, content: Buffer, mode: number, ids: Ids | undefined): boolean {
	const there = ignoreMissing(() => ({ stat: statSync(path), content: readFileSync(path) }));
	if (there === undefined || !there.content.equals(content)) return false;
	if ((there.stat.mode & 0o7777) !== mode) return false;
	return ids === undefined || (there.stat.uid === ids.uid && there.stat.gid === ids.gid);
}

/** Numbers of `user:group` from the node's own passwd and group; undefined for root's, whose files the agent's are anyway. */
function ownerIds(world: World, owner: string | undefined): Ids | undefined {
	if (owner === undefined || owner === "root:root") return undefined;
	const [user = "", group = ""] = owner.split(":");
	return { uid: idOf(world, "/etc/passwd", user), gid: idOf(world, "/etc/group", group) };
}

/** Both files have the number in their third field (passwd(5), group(5)). */
function idOf(world: World, path: string, name: string): number {
	if (name === "root") return 0;
	const line = readText(world, path)
		?.split("\n")
		.find((text) => text.startsWith(`${name}:`));
	if (line === undefined) throw new Error(`${path} has no ${name}`);
	return Number(line.split(":")[2]);
}
