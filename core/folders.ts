import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a folder and its parents, by hand: below /proc Node 20's recursive mkdir never returns.
 * @throws what mkdir(2) says: EACCES, ENOENT, ENOTDIR, ENOSPC, EROFS.
 */
export function makeFolders(dir: string): void {
	if (existsSync(dir)) return;
	makeFolders(dirname(dir));
	try {
		mkdirSync(dir);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
	}
}
