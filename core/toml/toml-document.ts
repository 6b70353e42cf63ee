import { readFile } from "node:fs/promises";
import { isAbsolute, relative, resolve } from "node:path";
import TOML from "@iarna/toml";
import { UserError, type Where } from "../errors.ts";
import { formatPath, type PathKey } from "./key-path.ts";
import { keyPositions } from "./positions.ts";

/** Data and, for any path into it, the place that a person should look at. */
export interface Located {
	readonly value: unknown;
	/** The place of the key or item at `path`; of the nearest table above it when there is none. */
	where(path: readonly PathKey[]): Where;
}

/** A TOML file as read: its data as it stands there, checked for nothing but syntax. */
export interface TomlDocument extends Located {
	/** The file as shown to people: relative to the working folder where it lies below it. */
	readonly file: string;
	/** Absolute path. */
	readonly path: string;
}

/** A file as people should see it: relative to `cwd` when it lies below it. */
export function shownPath(file: string, cwd: string): string {
	const short = relative(cwd, file);
	return short === "" || short.startsWith("..") || isAbsolute(short) ? file : short;
}

/**
 * Reads a TOML file.
 * @throws UserError when it cannot be read, or with file:line:column when its syntax is wrong.
 */
export async function readToml(file: string, cwd: string = process.cwd()): Promise<TomlDocument> {
	const path = resolve(cwd, file);
	const shown = shownPath(path, cwd);
	return parseToml(await readText(path, shown), shown, path);
}

/** Reads a text file that people write. @throws UserError when it is missing, unreadable or not UTF-8. */
export async function readText(path: string, shown: string, fix?: string): Promise<string> {
	const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
		throw new UserError("invalid", { message: `cannot read ${shown}: ${reasonOf(error)}`, where: { file: shown }, fix });
	});
	try {
		// TextDecoder drops a byte order mark, which Windows editors write and TOML parsers refuse.
		return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch {
		throw new UserError("invalid", {
			message: "the file is not UTF-8 text",
			where: { file: shown },
			fix: "save it as UTF-8",
		});
	}
}

/** Why a file could not be opened, in words. */
export function reasonOf(error: NodeJS.ErrnoException): string {
	const words: Record<string, string> = {
		ENOENT: "no such file",
		EISDIR: "it is a folder",
		EACCES: "permission denied",
		ENOTDIR: "a part of its path is not a folder",
	};
	return words[error.code ?? ""] ?? error.message;
}

/** Parses TOML text that came from `path`. @throws UserError as {@link readToml}. */
export function parseToml(text: string, file: string, path: string): TomlDocument {
	try {
		const value = TOML.parse(text);
		const positions = keyPositions(text);
		const where = (at: readonly PathKey[]) => placeOf(file, positions, at);
		return { file, path, value, where };
	} catch (error) {
		throw new UserError("invalid", syntaxProblem(error as Error, file));
	}
}

function placeOf(
	file: string,
	positions: ReadonlyMap<string, { line: number; column: number }>,
	path: readonly PathKey[],
): Where {
	for (let length = path.length; length > 0; length--) {
		const position = positions.get(formatPath(path.slice(0, length)));
		if (position) return { file, ...position };
	}
	return { file, line: 1, column: 1 };
}

/** Both parsers' errors: @iarna/toml counts from 0 (`line`, `col`), toml-eslint-parser from 1 (`lineNumber`) and 0 (`column`). */
function syntaxProblem(error: Error & { line?: number; col?: number; lineNumber?: number; column?: number }, file: string) {
	const line = error.line === undefined ? error.lineNumber : error.line + 1;
	const column = (error.col ?? error.column ?? 0) + 1;
	if (line === undefined) throw error;
	const reason = error.message.split(/ at row \d+|\n/)[0]!.replace(/[:.]$/, "");
	return { message: `this is not TOML: ${lowerFirst(reason)}`, where: { file, line, column } };
}

function lowerFirst(text: string): string {
	return text.charAt(0).toLowerCase() + text.slice(1);
}
