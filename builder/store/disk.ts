import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** Writes a file so that a reader sees the old text or the new one, also after a kill or a power cut. */
export async function writeAtomic(file: string, text: string): Promise<void> {
	const next = `${file}.${randomBytes(6).toString("hex")}.new`;
	try {
		const handle = await open(next, "wx", 0o600);
		try {
			await handle.writeFile(text);
			await handle.sync();
		} finally {
			await handle.close();
		}
		await rename(next, file);
	} catch (error) {
		await rm(next, { force: true });
		throw error;
	}
}

/** Makes a file's bytes, or a folder's list of names, outlive a power cut. */
export async function sync(path: string): Promise<void> {
	const handle = await open(path, "r");
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
}

/** Renames, and makes the new name outlive a power cut. */
export async function renameSynced(from: string, to: string): Promise<void> {
	await rename(from, to);
	await sync(dirname(to));
}

/** The value, or undefined when the error's code is one of `codes`. */
export async function unless<T>(codes: readonly string[], work: Promise<T>): Promise<T | undefined> {
	try {
		return await work;
	} catch (error) {
		if (codes.includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
		throw error;
	}
}
