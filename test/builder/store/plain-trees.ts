import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256File } from "../../../builder/store/contents.ts";
import type { TreeKeeper } from "../../../builder/store/types.ts";

/** A stand-in for the keeper inside the namespace: real trees of plain files that all belong to us. */
export const plainTrees: TreeKeeper = {
	async inventory(dir) {
		const lines = await linesOf(join(dir, "tree"), true);
		await writeFile(join(dir, "inventory"), lines.join("\n"));
		return lines.length * 4096;
	},
	async check(dir, deep) {
		const recorded = (await readFile(join(dir, "inventory"), "utf8")).split("\n");
		const was = deep ? recorded : recorded.map((line) => line.split(" ").slice(0, 3).join(" "));
		const now = await linesOf(join(dir, "tree"), deep);
		return was.filter((line) => !now.includes(line));
	},
	remove: (dir) => rm(dir, { recursive: true, force: true }),
};

/** `name size mtime [digest]` of each file. */
async function linesOf(tree: string, deep: boolean): Promise<string[]> {
	const names = (await readdir(tree)).toSorted();
	return Promise.all(
		names.map(async (name) => {
			const at = await stat(join(tree, name));
			const seen = `${name} ${at.size} ${at.mtimeMs}`;
			return deep ? `${seen} ${await sha256File(join(tree, name))}` : seen;
		}),
	);
}
