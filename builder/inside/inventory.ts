import { createHash } from "node:crypto";
import {
	closeSync,
	lstatSync,
	openSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	readSync,
	type Stats,
	writeFileSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Answers } from "./jobs.ts";

/** Inventories of trees: one line a file, so that a store entry can be compared quickly (without reading) or deeply. */

interface Line {
	/** Type, mode, owner, size and time: what can be seen without reading. */
	readonly seen: string;
	/** SHA-256 of a file, target of a link, `-` for the rest. */
	readonly content: string;
}

const buffer = Buffer.alloc(1024 * 1024);

function digestOf(path: string): string {
	const hash = createHash("sha256");
	const fd = openSync(path, "r");
	try {
		for (let n = readSync(fd, buffer); n > 0; n = readSync(fd, buffer)) hash.update(buffer.subarray(0, n));
	} finally {
		closeSync(fd);
	}
	return hash.digest("hex");
}

function seenOf(stat: Stats): string {
	// A folder's size depends on the filesystem's history, a device has its number.
	const size = stat.isFile() ? stat.size : stat.isDirectory() ? 0 : stat.rdev;
	return [stat.mode.toString(8), stat.uid, stat.gid, size, Math.round(stat.mtimeMs)].join(" ");
}

function contentOf(path: string, stat: Stats): string {
	if (stat.isFile()) return digestOf(path);
	return stat.isSymbolicLink() ? readlinkSync(path) : "-";
}

function* walk(root: string, below = ""): Generator<[string, Stats]> {
	for (const name of readdirSync(join(root, below)).toSorted()) {
		const path = join(below, name);
		const stat = lstatSync(join(root, path));
		yield [path, stat];
		if (stat.isDirectory()) yield* walk(root, path);
	}
}

/** Writes `dir/inventory` for `dir/tree`; answers with the bytes that the tree takes on disk. */
export async function inventory(dir: string): Promise<Answers["inventory"]> {
	const root = join(dir, "tree");
	let bytes = 0;
	const lines: string[] = [];
	for (const [path, stat] of walk(root)) {
		bytes += stat.blocks * 512;
		lines.push(JSON.stringify([path, seenOf(stat), contentOf(join(root, path), stat)]));
	}
	writeFileSync(join(dir, "inventory"), `${lines.join("\n")}\n`);
	return { bytes };
}

/** Compares a tree with its inventory; `deep` reads every file. At most 20 differences are named. */
export async function check(dir: string, deep: boolean): Promise<Answers["check"]> {
	const root = join(dir, "tree");
	const expected = new Map<string, Line>();
	for (const line of readFileSync(join(dir, "inventory"), "utf8").split("\n").filter(Boolean)) {
		const [path, seen, content] = JSON.parse(line) as [string, string, string];
		expected.set(path, { seen, content });
	}
	const differences: string[] = [];
	for (const [path, stat] of walk(root)) {
		const line = expected.get(path);
		expected.delete(path);
		if (!line) differences.push(`${path}: not in the inventory`);
		else if (line.seen !== seenOf(stat)) differences.push(`${path}: ${line.seen} became ${seenOf(stat)}`);
		else if (deep && line.content !== contentOf(join(root, path), stat)) differences.push(`${path}: content changed`);
		if (differences.length >= 20) break;
	}
	if (differences.length < 20) for (const path of expected.keys()) differences.push(`${path}: missing`);
	return { differences: differences.slice(0, 20) };
}

/** Removes a folder whatever its owners. */
export async function remove(dir: string): Promise<Answers["remove"]> {
	await rm(dir, { recursive: true, force: true });
	return {};
}
