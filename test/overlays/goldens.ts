import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { RenderedFile } from "../../builder/render/types.ts";

/** File in `expected/<base>/` that says what file contents cannot: kind, mode, owner and path of each. */
const LISTING = "LISTING";

/** Every rendered byte as golden files: path below `expected/<base>/` to text. */
export function asGolden(files: readonly RenderedFile[]): Map<string, string> {
	const listing = files.map((file) => {
		const mode = file.mode.toString(8).padStart(4, "0");
		const to = file.target === undefined ? "" : ` -> ${file.target}`;
		return `${mode} ${file.owner}:${file.group} ${file.path}${to}\n`;
	});
	const contents = files.flatMap((file): [string, string][] =>
		file.content ? [[file.path.slice(1), file.content.toString("utf8")]] : [],
	);
	return new Map([[LISTING, listing.join("")], ...contents]);
}

/** What of `golden` is not the same in `reference`: the listing tells of files that are only there. */
export function difference(golden: ReadonlyMap<string, string>, reference: ReadonlyMap<string, string>): Map<string, string> {
	return new Map([...golden].filter(([path, text]) => reference.get(path) !== text));
}

/** The golden files that lie in `dir`; none when there is no such folder. */
export async function readGolden(dir: string): Promise<Map<string, string>> {
	const entries = existsSync(dir) ? await readdir(dir, { recursive: true, withFileTypes: true }) : [];
	const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
	const read = files.map(async (file): Promise<[string, string]> => [file.slice(dir.length + 1), await readFile(file, "utf8")]);
	return new Map(await Promise.all(read));
}

/** Replaces the golden files of `dir`. */
export async function writeGolden(dir: string, golden: ReadonlyMap<string, string>): Promise<void> {
	await rm(dir, { recursive: true, force: true });
	for (const [path, text] of golden) {
		await mkdir(dirname(join(dir, path)), { recursive: true });
		await writeFile(join(dir, path), text);
	}
}
