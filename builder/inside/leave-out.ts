import { existsSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Removes what the profile leaves out: dpkg's own path-exclude would do the same while unpacking, but mmdebstrap sends
 * every package through a filter in Python then, which takes longer than this.
 */
export function leaveOut(root: string, patterns: readonly string[]): void {
	for (const pattern of patterns) {
		const match = dpkgPattern(pattern);
		const start = dirname(pattern.replace(/[*?[].*$/, "x"));
		if (existsSync(join(root, start))) removeMatches(root, start, match);
	}
}

function removeMatches(root: string, dir: string, match: RegExp): void {
	for (const entry of readdirSync(join(root, dir), { withFileTypes: true })) {
		const path = join(dir, entry.name);
		if (entry.isDirectory()) removeMatches(root, path, match);
		else if (match.test(path)) rmSync(join(root, path));
	}
}

/** dpkg(1): shell globs in which `*` and `?` match slashes, too. */
export function dpkgPattern(pattern: string): RegExp {
	const source = pattern
		.replaceAll(/[.+^${}()|\\]/g, "\\$&")
		.replaceAll("*", ".*")
		.replaceAll("?", ".");
	return new RegExp(`^${source}$`);
}
