import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { may } from "../../core/access.ts";
import { type Overlay, overlayFile } from "../../core/contract/overlay.ts";
import { UserError } from "../../core/errors.ts";
import { mustCheck } from "../../core/toml/check-document.ts";
import { readToml, shownPath } from "../../core/toml/toml-document.ts";

/**
 * Reads an overlay folder's `overlay.toml`.
 * @throws UserError when there is none, or with all that is wrong in it.
 */
export async function readOverlay(dir: string, cwd: string = process.cwd()): Promise<Overlay> {
	const file = join(dir, "overlay.toml");
	if (await may(file)) return mustCheck(await readToml(file, cwd), overlayFile);
	const names = await readdir(dir).catch(() => []);
	const message = names.length === 0 ? "the overlay's folder is missing or empty" : "the overlay has no overlay.toml";
	const fix = 'write one with the lines: version = 1 and description = "…"';
	throw new UserError("invalid", { message, where: { file: shownPath(file, cwd) }, fix });
}
