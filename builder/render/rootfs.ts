import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";

const TEMPLATE = ".hbs";

/** One file below an overlay's `rootfs/`. `path` is absolute in the image and has lost a template's suffix. */
export type RootfsFile =
	| {
			readonly kind: "plain" | "template";
			readonly path: string;
			readonly source: string;
			readonly executable: boolean;
			readonly bytes: Buffer;
	  }
	| { readonly kind: "link"; readonly path: string; readonly source: string; readonly target: string }
	| { readonly kind: "other"; readonly path: string; readonly source: string };

/** All files of a `rootfs/` folder in a fixed order, whatever the filesystem's; none when there is no such folder. */
export async function readRootfs(root: string): Promise<RootfsFile[]> {
	const names = await filesBelow(root, "");
	return Promise.all(names.sort().map((name) => readOne(join(root, name), `/${name}`)));
}

async function filesBelow(root: string, below: string): Promise<string[]> {
	const entries = await readdir(join(root, below), { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
		if (error.code === "ENOENT" && below === "") return [];
		throw error;
	});
	const found = entries.map((entry) => {
		const name = below === "" ? entry.name : `${below}/${entry.name}`;
		return entry.isDirectory() ? filesBelow(root, name) : [name];
	});
	return (await Promise.all(found)).flat();
}

async function readOne(source: string, path: string): Promise<RootfsFile> {
	const stat = await lstat(source);
	if (stat.isSymbolicLink()) return { kind: "link", path, source, target: await readlink(source) };
	if (!stat.isFile()) return { kind: "other", path, source };
	const executable = (stat.mode & 0o111) !== 0;
	const bytes = await readFile(source);
	if (!path.endsWith(TEMPLATE)) return { kind: "plain", path, source, executable, bytes };
	return { kind: "template", path: path.slice(0, -TEMPLATE.length), source, executable, bytes };
}
