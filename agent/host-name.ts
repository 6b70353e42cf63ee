import { writeFileSync } from "node:fs";
import { keepFile, readText } from "./files.ts";
import { HOST_NAME, HOST_NAME_FILE } from "./paths.ts";
import type { World } from "./world.ts";

/** Gives the node its name, now and for the next boot. Through /proc: hostnamectl would start a daemon for it. */
export function setHostName(world: World, name: string): void {
	keepFile(world, { path: HOST_NAME_FILE, content: `${name}\n`, mode: 0o644 });
	if (readText(world, HOST_NAME)?.trim() !== name) writeFileSync(world.root + HOST_NAME, name);
}
