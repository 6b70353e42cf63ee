import { readFileSync } from "node:fs";
import { type Identity, loadIdentity } from "./identity.ts";
import { BOOT_ID, HOST_NAME, IDENTITY_KEY } from "./paths.ts";
import type { World } from "./world.ts";

/** What a node knows of itself. */
export interface Node {
	readonly name: string;
	/** The kernel's boot id. */
	readonly boot: string;
	readonly identity: Identity;
}

/** Looks at the node; makes its identity on the first boot. */
export function observe(world: World): Node {
	const read = (path: string) => readFileSync(world.root + path, "utf8").trim();
	return { name: read(HOST_NAME), boot: read(BOOT_ID), identity: loadIdentity(world.root + IDENTITY_KEY, world.random) };
}
