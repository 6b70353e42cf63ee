import { readFile, realpath, rename, stat, writeFile } from "node:fs/promises";
import { isAbsolute, join, relative, resolve } from "node:path";
import { UserError } from "../../core/errors.ts";
import { keyPositions } from "../../core/toml/positions.ts";

/** The image to run: the one that was given, else the one that cluster.toml remembers. @throws UserError when there is none. */
export function imageFor(dir: string, given: string | undefined, remembered: string | undefined): string {
	if (given !== undefined) return resolve(given);
	if (remembered !== undefined) return resolve(dir, remembered);
	throw new UserError("usage", {
		message: "which image? --image is missing, and cluster.toml remembers none yet",
		fix: "such as: --image out/slurm-latest.qcow2; build one with `clusteros build --profile slurm`",
	});
}

/** Writes the image into cluster.toml; nothing else in the file changes. */
export async function rememberImage(dir: string, image: string): Promise<void> {
	const file = await realpath(join(dir, "cluster.toml"));
	const text = await readFile(file, "utf8");
	const below = relative(dir, image);
	const changed = withImage(text, below.startsWith("..") || isAbsolute(below) ? image : below);
	if (changed === text) return;
	const { mode } = await stat(file);
	const half = `${file}.${process.pid}`;
	await writeFile(half, changed, { mode: mode & 0o777 });
	await rename(half, file);
}

/** TOML text with `image` set at its top: the line that is there, with its comment, or a new one below the cluster's name. Pure. */
export function withImage(text: string, image: string): string {
	const entry = `image = ${JSON.stringify(image)}`;
	const lines = text.split("\n");
	const positions = keyPositions(text);
	const at = positions.get("image");
	if (at === undefined) return lines.toSpliced(positions.get("name")?.line ?? 0, 0, entry).join("\n");
	const old = lines[at.line - 1]!;
	const comment = /^\s*image\s*=\s*(?:"(?:[^"\\]|\\.)*"|'[^']*')(\s*#.*)?\r?$/.exec(old)?.[1] ?? "";
	return lines.with(at.line - 1, entry + comment).join("\n");
}
