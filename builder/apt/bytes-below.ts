import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** Bytes of all files below a folder; what goes away meanwhile counts as nothing. */
export async function bytesBelow(dir: string): Promise<number> {
	const names = await readdir(dir, { recursive: true }).catch(() => []);
	const sizes = names.map((name) =>
		stat(join(dir, name)).then(
			(found) => (found.isFile() ? found.size : 0),
			() => 0,
		),
	);
	return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
