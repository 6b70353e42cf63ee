import { readdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { Profile } from "../../core/contract/profile.ts";
import { type Problem, UserError } from "../../core/errors.ts";
import { loadAptKey } from "./apt-key.ts";
import { type Item, isOverlayPath, type Merged } from "./merge.ts";
import { didYouMean } from "./nearest.ts";

/** What a profile names but does not hold, found on the disk; what is missing is in `problems`. */
export interface Parts {
	readonly overlays: Profile["overlays"];
	readonly aptSources: Profile["aptSources"];
	readonly keyFiles: readonly string[];
	readonly problems: readonly Problem[];
}

/** Finds overlays, local .debs, scripts and signing keys. */
export async function findParts(merged: Merged, overlayDirs: readonly string[], cwd: string): Promise<Parts> {
	const problems: Problem[] = [];
	const attempt = async <T>(work: Promise<T>): Promise<T[]> => {
		try {
			return [await work];
		} catch (error) {
			if (!(error instanceof UserError)) throw error;
			problems.push(...error.problems);
			return [];
		}
	};
	const each = async <I, T>(items: readonly I[], find: (item: I) => Promise<T>): Promise<T[]> =>
		(await Promise.all(items.map((item) => attempt(find(item))))).flat();
	const items = (list: string) => merged.lists.get(list) ?? [];

	const overlays = await each(items("overlays"), (item) => findOverlay(item, overlayDirs));
	await each([...items("debs"), ...items("scripts")], mustBeFile);
	const keys = await each(merged.aptSources, async (entry) => ({ entry, key: await loadAptKey(entry, cwd) }));
	return {
		overlays,
		aptSources: keys.map(({ entry, key }) => ({ ...entry.value, key: key.text })),
		keyFiles: keys.flatMap(({ key }) => key.file ?? []),
		problems,
	};
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
