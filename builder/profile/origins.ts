import type { Origin, ResolvedProfile } from "../../core/contract/profile.ts";
import type { Where } from "../../core/errors.ts";
import { formatPath } from "../../core/toml/key-path.ts";
import type { Merged } from "./merge.ts";

/**
 * Where each merged value was given, by its path after the merge: `disk.size`, `units.enable[0]`, `apt.sources[0]`.
 * `packages[n]` and `debs[n]` count through all layers, the first layer's first.
 */
export function originsOf(merged: Merged): ReadonlyMap<string, Origin> {
	const scalars = [...merged.scalars].map(([path, { where }]) => [path, where] as const);
	const items = [...merged.lists].flatMap(([path, list]) =>
		list.map(({ where }, index) => [formatPath([...path.split("."), index]), where] as const),
	);
	const sources = merged.aptSources.map(({ where }, index) => [formatPath(["apt", "sources", index]), where] as const);
	return new Map<string, Origin>([...scalars, ...items, ...sources]);
}

/** The line that asked for a package, for a message about it; `name` without version. */
export function originOfPackage(
	resolved: ResolvedProfile,
	name: string,
): { readonly path: string; readonly where: Where } | undefined {
	const packages = resolved.profile.layers.flatMap((layer) => layer.packages);
	const index = packages.findIndex((one) => one.replace(/=.*/, "") === name);
	const path = formatPath(["packages", index]);
	const origin = resolved.origins.get(path);
	return origin && { path, where: whereOf(origin) };
}

/** An origin as the place in an error message. */
export function whereOf({ file, line, column }: Origin): Where {
	return { file, ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }) };
}
