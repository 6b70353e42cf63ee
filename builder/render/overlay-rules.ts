import { readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import type { Problem } from "../../core/errors.ts";
import { didYouMean } from "../../core/toml/nearest.ts";
import type { OverlaySource, RenderedFile } from "./types.ts";

/** Entries of overlay.toml that fit nothing in `rootfs/`: `files` of a path that is not there, `links` with an unclean path. */
export async function strayEntries(from: OverlaySource, files: readonly RenderedFile[]): Promise<Problem[]> {
	const paths = files.map((file) => file.path);
	const unknown = Object.keys(from.overlay.files)
		.filter((path) => !paths.includes(path))
		.map((path) => ({ path, section: "files", message: `${path} is not in this overlay's rootfs`, fix: fixOf(path, paths) }));
	const unclean = Object.keys(from.overlay.links)
		.filter((path) => path === "/" || posix.normalize(path) !== path || path.endsWith("/"))
		.map((path) => ({
			path,
			section: "links",
			message: `${path} is not a plain absolute path`,
			fix: `write it as ${clean(path)}`,
		}));
	return Promise.all([...unknown, ...unclean].map((entry) => located(from, entry)));
}

function fixOf(path: string, paths: readonly string[]): string {
	const rendered = path.endsWith(".hbs") ? path.slice(0, -".hbs".length) : undefined;
	if (rendered !== undefined && paths.includes(rendered)) return `name it as it is in the image: ${rendered}`;
	return didYouMean(path, paths) ?? `add it below rootfs/, or take the entry out`;
}

function clean(path: string): string {
	return posix.normalize(path).replace(/(.)\/$/, "$1");
}

interface Entry {
	readonly path: string;
	readonly section: string;
	readonly message: string;
	readonly fix: string;
}

/** The parsed overlay has lost its lines; the path in quotes is unique enough to find it again. */
async function located(from: OverlaySource, entry: Entry): Promise<Problem> {
	const file = join(from.dir, "overlay.toml");
	const lines = (await readFile(file, "utf8").catch(() => "")).split("\n");
	const line = lines.findIndex((text) => text.includes(`"${entry.path}"`));
	const column = line < 0 ? 0 : lines[line]!.indexOf(`"${entry.path}"`) + 1;
	const where = line < 0 ? { file } : { file, line: line + 1, column };
	return { message: entry.message, where, path: `${entry.section}."${entry.path}"`, fix: entry.fix };
}
