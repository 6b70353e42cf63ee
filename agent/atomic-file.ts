import { closeSync, fchmodSync, fsyncSync, mkdirSync, openSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Replaces a file so that a power cut at any moment leaves the old one or the new one, whole: written beside it,
 * synced, renamed, and the folder synced. What an earlier cut left beside it is overwritten. `prepare` sees the new file
 * before it takes its place, to give it to its owner.
 */
export function writeAtomic(path: string, content: string | Uint8Array, mode: number, prepare?: (beside: string) => void): void {
	const dir = dirname(path);
	mkdirSync(dir, { recursive: true });
	const beside = `${path}.new`;
	const file = openSync(beside, "w", mode);
	try {
		fchmodSync(file, mode);
		writeFileSync(file, content);
		prepare?.(beside);
		fsyncSync(file);
	} finally {
		closeSync(file);
	}
	renameSync(beside, path);
	syncFolder(dir);
}

function syncFolder(dir: string): void {
	const folder = openSync(dir, "r");
	try {
		fsyncSync(folder);
	} finally {
		closeSync(folder);
	}
}

/** A file's text, or undefined when there is no such file. */
export function ignoreMissing<T>(read: () => T): T | undefined {
	try {
		return read();
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw error;
	}
}
