import { open, rename, rm } from "node:fs/promises";

/**
 * Writes a file for its owner alone (0600), so that there is either the old one or the new one, whole, and never one that
 * others can read: written beside it, synced, renamed.
 */
export async function writePrivate(path: string, content: string | Uint8Array): Promise<void> {
	const beside = `${path}.${process.pid}.new`;
	await rm(beside, { force: true });
	try {
		await using file = await open(beside, "wx", 0o600);
		await file.writeFile(content);
		await file.sync();
	} catch (error) {
		await rm(beside, { force: true });
		throw error;
	}
	await rename(beside, path);
}
