import { readFile } from "node:fs/promises";
import { join } from "node:path";
import TOML from "@iarna/toml";
import type { OverlaySource } from "../../builder/render/types.ts";
import { overlayFile } from "../../core/contract/overlay.ts";

const OVERLAYS = join(import.meta.dirname, "../../overlays");

/** One of our own overlays, held to its schema. */
export async function overlayNamed(name: string): Promise<OverlaySource> {
	const dir = join(OVERLAYS, name);
	const overlay = overlayFile.parse(TOML.parse(await readFile(join(dir, "overlay.toml"), "utf8")));
	return { name, dir, overlay };
}
