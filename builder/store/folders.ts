import { mkdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { UserError } from "../../core/errors.ts";
import { unless } from "./disk.ts";
import type { Layout } from "./layout.ts";

/** Tells backup programs to leave the folder out: https://bford.info/cachedir/ */
const CACHEDIR_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# A cache of clusteros; see: clusteros cache ls\n";

/** Makes the folders of a store, for its user only (0700). @throws UserError when they cannot be written. */
export async function makeFolders(layout: Layout): Promise<void> {
	try {
		for (const dir of [layout.root, layout.entries, layout.tmp, layout.locks, layout.debs, layout.answers]) await makeFolder(dir);
		await unless(["EEXIST"], writeFile(join(layout.root, "CACHEDIR.TAG"), CACHEDIR_TAG, { flag: "wx" }));
	} catch (error) {
		throw notWritable(layout.root, error as NodeJS.ErrnoException);
	}
}

/** As `mkdir -p`. Node's own loops for ever where a folder cannot be made although its parent is there, as below /proc (Node 20). */
async function makeFolder(dir: string): Promise<void> {
	const make = () => unless(["EEXIST"], mkdir(dir, { mode: 0o700 }));
	try {
		await make();
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "ENOENT" || dirname(dir) === dir) throw error;
		await makeFolder(dirname(dir));
		await make();
	}
}

function notWritable(dir: string, error: NodeJS.ErrnoException): Error {
	const reasons: Record<string, string> = {
		EACCES: "it is not yours to write",
		EPERM: "it is not yours to write",
		EROFS: "its filesystem is read-only",
		ENOTDIR: "a part of its path is a file",
		ENOENT: "no folder can be made there",
	};
	const reason = reasons[error.code ?? ""];
	return reason === undefined
		? error
		: new UserError("host", { message: `cannot use the cache folder ${dir}: ${reason}`, fix: "--cache-dir DIR" });
}

/** The part of a path that is there: a full disk can be met before the folder is. */
export async function nearestFolder(dir: string): Promise<string> {
	const found = await unless(["ENOENT", "ENOTDIR", "EACCES"], stat(dir));
	return found || dirname(dir) === dir ? dir : nearestFolder(dirname(dir));
}
