import { rmSync } from "node:fs";
import type { Context } from "../context.ts";
import { keepFile, readText } from "../files.ts";
import { MANIFESTS, OUR_MANIFESTS } from "./paths.ts";

/**
 * The site's manifests lie where k3s applies them, now and whenever they change, and are gone from there once cluster.toml does
 * not name them any more: what they made stays, as k3s has it (v1.36). For root alone: some hold secrets.
 */
export function keepManifests({ world, secrets }: Context): void {
	const manifests = secrets().k3s?.manifests ?? [];
	const names = manifests.map(({ name }) => name);
	const before = (readText(world, OUR_MANIFESTS) ?? "").split("\n").filter(Boolean);
	const known = [...new Set([...before, ...names])];
	if (known.length === 0) return;
	const remember = (now: readonly string[]) => keepFile(world, { path: OUR_MANIFESTS, content: now.join("\n"), mode: 0o644 });
	// Before they are written, all that may be there: killed in between, the next run knows them.
	remember(known);
	for (const name of before.filter((one) => !names.includes(one))) rmSync(`${world.root}${MANIFESTS}/${name}`, { force: true });
	for (const { name, content } of manifests) keepFile(world, { path: `${MANIFESTS}/${name}`, content, mode: 0o600 });
	remember(names);
}
