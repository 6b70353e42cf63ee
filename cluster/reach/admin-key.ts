import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writePrivate } from "../../core/private-file.ts";
import { readIfThere } from "./host-keys.ts";

/** ssh wants the key of secrets.toml as a file of its own, 0600. Returns its path; written only when it is not there as it should be. */
export async function writeAdminKey(dir: string, key: string): Promise<string> {
	const folder = join(dir, ".clusteros");
	const file = join(folder, "admin.key");
	const text = `${key.trim()}\n`;
	await mkdir(folder, { recursive: true, mode: 0o700 });
	await chmod(folder, 0o700);
	if ((await readIfThere(file)) === text) await chmod(file, 0o600);
	else await writePrivate(file, text);
	return file;
}
