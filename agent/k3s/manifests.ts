import type { Context } from "../context.ts";
import { keepFile } from "../files.ts";
import { MANIFESTS } from "./paths.ts";

/** The site's manifests lie where k3s applies them, now and whenever they change. For root alone: some hold secrets. */
export function keepManifests({ world, secrets }: Context): void {
	for (const { name, content } of secrets().k3s?.manifests ?? [])
		keepFile(world, { path: `${MANIFESTS}/${name}`, content, mode: 0o600 });
}
