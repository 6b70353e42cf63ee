import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { InternalError } from "../../core/errors.ts";

/** The folder of this package: its profiles, overlays and dist lie there, whether this runs as a source or as a chunk in dist/. */
export function packageRoot(): string {
	let at = dirname(fileURLToPath(import.meta.url));
	while (!existsSync(join(at, "package.json"))) {
		if (at === dirname(at)) throw new InternalError("no package.json above this program");
		at = dirname(at);
	}
	return at;
}
