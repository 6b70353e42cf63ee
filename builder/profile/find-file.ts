import { readdir } from "node:fs/promises";
import { resolve } from "node:path";
import { may } from "../../core/access.ts";
import { type Problem, UserError, type UserErrorKind, type Where } from "../../core/errors.ts";
import { didYouMean } from "../../core/toml/nearest.ts";

/** What is looked for: `noun` is for the message, `kind` decides the exit code. */
export interface Wanted {
	readonly noun: string;
	readonly ref: string;
	/** Folders that hold such files by name, first match wins. */
	readonly dirs: readonly string[];
	/** What a `ref` that is a path starts from. */
	readonly from: string;
	readonly where?: Where | undefined;
	readonly path?: string | undefined;
	readonly kind?: UserErrorKind;
}

/** Whether `ref` names a file rather than something in our folders. */
export function isPath(ref: string): boolean {
	return ref.includes("/") || ref.endsWith(".toml");
}

/** The absolute path of `NAME.toml` in one of the folders, or of the file a path names. @throws UserError with what there is. */
export async function findToml(wanted: Wanted): Promise<string> {
	if (isPath(wanted.ref)) {
		const file = resolve(wanted.from, wanted.ref);
		if (await may(file)) return file;
		throw missing(wanted, `there is no file ${wanted.ref}`);
	}
	for (const dir of wanted.dirs) {
		const file = resolve(dir, `${wanted.ref}.toml`);
		if (await may(file)) return file;
	}
	const known = await namesIn(wanted.dirs);
	throw missing(wanted, `there is no ${wanted.noun} "${wanted.ref}"; there are: ${known.join(", ") || "none"}`, known);
}

function missing(wanted: Wanted, message: string, known: readonly string[] = []): UserError {
	const fix = didYouMean(wanted.ref, known);
	const problem: Problem = { message, where: wanted.where, path: wanted.path, fix };
	return new UserError(wanted.kind ?? "invalid", problem);
}

async function namesIn(dirs: readonly string[]): Promise<string[]> {
	const lists = await Promise.all(dirs.map((dir) => readdir(dir, { withFileTypes: true }).catch(() => [])));
	const files = lists.flat().filter((entry) => !entry.isDirectory() && entry.name.endsWith(".toml"));
	return [...new Set(files.map((entry) => entry.name.slice(0, -".toml".length)))].sort();
}
