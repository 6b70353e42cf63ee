import type { Profile, ResolvedProfile } from "../../core/contract/profile.ts";
import { formatPath, type PathKey } from "../../core/toml/key-path.ts";

/** One value of a merged profile and who gave it. */
export interface Explained {
	readonly path: string;
	readonly value: string | number | boolean;
	readonly file: string;
	/** 1-based; a value of `--set` has none. */
	readonly line: number | undefined;
}

/** Every value that a profile or `--set` gave, with its origin: what `--plan --explain` shows. */
export function explain({ profile, origins }: ResolvedProfile): Explained[] {
	const { layers, aptSources, ...rest } = profile;
	const values = new Map(
		leaves({
			...rest,
			packages: layers.flatMap(({ packages }) => packages),
			debs: layers.flatMap(({ debs }) => debs),
			overlays: profile.overlays.map(({ name }) => name),
			apt: { sources: aptSources.map(({ name }) => name) },
		}),
	);
	return [...origins].map(([path, { file, line }]) => ({ path, value: values.get(path)!, file, line }));
}

/** The profiles whose packages make up this one, itself first: also one that only puts others together. */
export function lineage({ name, layers }: Profile): readonly string[] {
	const names = layers.map((layer) => layer.name).toReversed();
	return names.includes(name) ? names : [name, ...names];
}

function leaves(value: unknown, path: readonly PathKey[] = []): [string, string | number | boolean][] {
	if (typeof value !== "object" || value === null) return [[formatPath(path), value as string | number | boolean]];
	const children = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
	return children.flatMap(([key, child]) => leaves(child, [...path, key as PathKey]));
}
