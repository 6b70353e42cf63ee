import { lstatSync, lutimesSync, readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * No file is newer than `epoch` (seconds): what the build itself wrote gets that time, what packages shipped keeps theirs.
 * Synchronous on purpose: 16,000 files take 0.2 s so, 1.5 s through promises.
 */
export async function clampTimes(root: string, epoch: number): Promise<void> {
	const visit = (path: string) => {
		const stat = lstatSync(path);
		if (stat.isDirectory()) for (const name of readdirSync(path)) visit(join(path, name));
		if (stat.mtimeMs > epoch * 1000) lutimesSync(path, epoch, epoch);
	};
	visit(root);
}
