import type { ResolvedProfile } from "../../core/contract/profile.ts";
import { originOfPackage } from "../profile/origins.ts";

/**
 * Why a step is made again, in a person's words: the line of the profile that added a package comes before what apt
 * made of it, and "the layer below" is only a reason when there is no other.
 */
export function reasons(differences: readonly string[], resolved: ResolvedProfile): string[] {
	const own = differences.filter((line) => !line.startsWith("below:"));
	if (own.length === 0) return differences.length === 0 ? [] : ["the layer below changed"];
	const asked = own.filter((line) => line.startsWith("packages:"));
	const rest = own.filter((line) => !line.startsWith("packages:") && !(asked.length > 0 && /^debs[.:]/.test(line)));
	return [...asked.map((line) => withOrigin(line, resolved)), ...rest];
}

function withOrigin(line: string, resolved: ResolvedProfile): string {
	const [, name] = /^packages: added "([^"]+)"$/.exec(line) ?? [];
	const origin = name ? originOfPackage(resolved, name) : undefined;
	if (!origin) return line;
	const { file, line: row } = origin.where;
	return `${row === undefined ? file : `${file}:${row}`} added "${name}"`;
}
