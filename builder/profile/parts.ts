import { readdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { Profile } from "../../core/contract/profile.ts";
import { type Problem, UserError } from "../../core/errors.ts";
import { didYouMean } from "../../core/toml/nearest.ts";
import { loadAptKey } from "./apt-key.ts";
import { type Item, isOverlayPath, type Merged } from "./merge.ts";

/** What a profile names but does not hold, found on the disk; what is missing is in `problems`. */
export interface Parts {
	readonly overlays: Profile["overlays"];
	readonly aptSources: Profile["aptSources"];
	readonly keyFiles: readonly string[];
	readonly problems: readonly Problem[];
}

/** Finds overlays, local .debs, scripts and signing keys. */
export async function findParts(merged: Merged, overlayDirs: readonly string[], cwd: string): Promise<Parts> {
	const items = (list: string) => merged.lists.get(list) ?? [];
	const overlays = await each(items("overlays"), (item) => findOverlay(item, overlayDirs));
	const files = await each([...items("debs"), ...items("scripts")], mustBeFile);
	const keys = await each(merged.aptSources, async (entry) => ({ entry, key: await loadAptKey(entry, cwd) }));
	return {
		overlays: overlays.values,
		aptSources: keys.values.map(({ entry, key }) => ({ ...entry.value, key: key.text })),
		keyFiles: keys.values.flatMap(({ key }) => key.file ?? []),
		problems: [...overlays.problems, ...files.problems, ...keys.problems],
	};
}

/** All that were found, and the problems of all that were not, both in the order of the items. */
async function each<I, T>(items: readonly I[], find: (item: I) => Promise<T>): Promise<{ values: T[]; problems: Problem[] }> {
	const results = await Promise.allSettled(items.map(find));
	const values = results.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
	const errors = results.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
	const problems = errors.flatMap((error) => {
		if (error instanceof UserError) return error.problems;
		throw error;
	});
	return { values, problems };
}

/** A name is looked up in `dirs` (first match wins), a path starts beside the profile that names it. */
async function findOverlay(item: Item, dirs: readonly string[]): Promise<{ name: string; dir: string }> {
	const isOwn = isOverlayPath(item.text);
	const candidates = isOwn ? [item.id] : dirs.map((dir) => resolve(dir, item.text));
	for (const dir of candidates) if (await is("folder", dir)) return { name: basename(dir), dir };
	if (isOwn) throw failure(item, `there is no folder ${item.text} beside the profile`);
	const known = await foldersIn(dirs);
	const message = `there is no overlay "${item.text}"; there are: ${known.join(", ") || "none"}`;
	throw failure(item, message, didYouMean(item.text, known) ?? "name a folder of your own by its path, as ./NAME");
}

async function mustBeFile(item: Item): Promise<void> {
	if (!(await is("file", item.id))) throw failure(item, `there is no file ${item.text} beside the profile`);
}

async function is(kind: "file" | "folder", path: string): Promise<boolean> {
	const found = await stat(path).catch(() => undefined);
	return kind === "file" ? (found?.isFile() ?? false) : (found?.isDirectory() ?? false);
}

async function foldersIn(dirs: readonly string[]): Promise<string[]> {
	const found = dirs.map(async (dir) => {
		const names = await readdir(dir).catch(() => []);
		return Promise.all(names.map(async (name) => ((await is("folder", join(dir, name))) ? [name] : [])));
	});
	return [...new Set((await Promise.all(found)).flat(2))].sort();
}

function failure(item: Item, message: string, fix?: string): UserError {
	return new UserError("invalid", { message, where: item.where, path: item.path, fix });
}
