import { mkdir, mkdtemp, readdir, realpath, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { unshareArgs } from "../../../builder/namespace/enter.ts";
import { namespaceTrees } from "../../../builder/namespace/trees.ts";
import { startProgram } from "./cli.ts";
import { SHARED_CACHE } from "./shared.ts";

/** A folder of one suite: profiles, outputs, a store of its own. Gone with the suite, whatever owners are in it. */
export interface Room extends AsyncDisposable {
	readonly dir: string;
	path(...parts: string[]): string;
	/** Writes files by their names below the folder; scripts are executable. */
	write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void>;
}

export async function room(): Promise<Room> {
	// Not below /tmp where that is a tmpfs: the overlay of a user namespace needs a disk, and a whole image needs room.
	const parent = process.env.CLUSTEROS_TEST_DIR ?? tmpdir();
	const dir = await realpath(await mkdtemp(join(parent, "clusteros-build-")));
	const path = (...parts: string[]) => join(dir, ...parts);
	return {
		dir,
		path,
		write: async (files) => {
			for (const [name, text] of Object.entries(files)) {
				await mkdir(dirname(path(name)), { recursive: true });
				await writeFile(path(name), text, { mode: name.endsWith(".sh") ? 0o755 : 0o644 });
			}
		},
		[Symbol.asyncDispose]: () => namespaceTrees().remove(dir),
	};
}

/** Runs a program where foreign owners of a store can be read, written and copied; throws when it fails. */
export async function asOwner(argv: readonly string[]): Promise<string> {
	const { code, stdout, stderr } = await startProgram([...unshareArgs(process.getuid!()), ...argv]).ended();
	if (code !== 0) throw new Error(`${argv.join(" ")} ended with ${code}: ${stderr}`);
	return stdout;
}

/** Copies what `cp` names of the shared cache: whole entries by key, and the downloads. */
const COPY = `
set -e
umask 077
mkdir -p "$2/entries"
for part in debs answers apt; do [ ! -e "$1/$part" ] || cp -a --reflink=auto "$1/$part" "$2/"; done
find "$2/apt" -name apt.conf -exec sed -i "s|$1|$2|g" {} +
from="$1/entries" to="$2/entries"
shift 2
for key; do cp -a --reflink=auto "$from/$key" "$to/"; done`;

/** A store of a test's own, to be damaged at will: downloads of the shared cache, and copies (no links) of these entries. */
export async function privateCache(dir: string, keys: readonly string[] = []): Promise<string> {
	await mkdir(dir, { mode: 0o700 });
	await asOwner(["sh", "-c", COPY, "sh", SHARED_CACHE, dir, ...keys]);
	return dir;
}

/** What a killed or failed build must not leave: work in progress in the store, half an artifact in OUT. */
export async function leftovers(cache: string, ...outs: readonly string[]): Promise<string[]> {
	const half = await Promise.all(
		outs.map(async (out) => (await names(out)).filter((name) => name.startsWith(".") || name.endsWith(".partial"))),
	);
	return [...(await names(join(cache, "tmp"))), ...half.flat()];
}

export async function names(dir: string): Promise<string[]> {
	return readdir(dir).catch((error: NodeJS.ErrnoException) => {
		if (error.code === "ENOENT") return [];
		throw error;
	});
}
