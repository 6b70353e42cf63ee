/** One step of a path into a file's data: a key of a table or the index of a list. */
export type PathKey = string | number;

/** A path as people write it: `packages[3]`, `kernel.flavour`, `files["/etc/hosts"].mode`. */
export function formatPath(path: readonly PathKey[]): string {
	return path.map(formatKey).join("").replace(/^\./, "");
}

function formatKey(key: PathKey): string {
	if (typeof key === "number") return `[${key}]`;
	return /^[\w-]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

/** What lies at `path`, or undefined. */
export function getAt(data: unknown, path: readonly PathKey[]): unknown {
	let at = data;
	for (const key of path) {
		if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return undefined;
		at = (at as Record<PathKey, unknown>)[key];
	}
	return at;
}

/** Puts `value` at `path`, making the tables on the way. */
export function setAt(data: Record<string, unknown>, path: readonly string[], value: unknown): void {
	let at = data;
	for (const key of path.slice(0, -1)) {
		at[key] ??= {};
		at = at[key] as Record<string, unknown>;
	}
	at[path.at(-1)!] = value;
}
