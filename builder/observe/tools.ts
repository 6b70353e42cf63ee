import { realpath, stat } from "node:fs/promises";
import { toolPath } from "../../core/process/run.ts";
import { find } from "../preflight/find.ts";
import type { Store } from "../store/store.ts";
import { SHAPING, toolVersion } from "../tools/versions.ts";

/** Versions of the programs that shape bytes, each asked only when its file has changed: asking all of them takes 0.4 s. */
export async function observeTools(store: Store): Promise<Record<string, string>> {
	const path = toolPath();
	const pairs = SHAPING.map(async ({ name, program }) => {
		const file = find(program, path);
		if (!file) return [name, "missing"] as const;
		const { size, mtimeMs } = await stat(await realpath(file));
		return [name, await store.memo("tool version", { name, file, size, mtimeMs }, () => toolVersion(name))] as const;
	});
	return Object.fromEntries(await Promise.all(pairs));
}
