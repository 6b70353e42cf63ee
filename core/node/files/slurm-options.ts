/** SLURM's settings that are lists of options, where ours and a site's have to live together. */

/** The value that slurm.conf text `lines` gives to `key`: the last one, as SLURM takes it (keys in any case); undefined when none. */
export function siteValue(lines: string, key: string): string | undefined {
	const pattern = new RegExp(`^\\s*${key}\\s*=\\s*("[^"]*"|[^\\s#]*)`, "i");
	const values = lines
		.replaceAll(/\\\r?\n/g, "")
		.split("\n")
		.map((line) => pattern.exec(line)?.[1]);
	return values.findLast((value) => value !== undefined)?.replaceAll('"', "");
}

/** Ours and the site's options in one list; where both name the same option the site's stands. */
export function joinOptions(ours: readonly string[], site: string): string[] {
	const theirs = site
		.split(",")
		.map((item) => item.trim())
		.filter(Boolean);
	const named = new Set(theirs.map(nameOf));
	return [...ours.filter((option) => !named.has(nameOf(option))), ...theirs];
}

function nameOf(option: string): string {
	return option.split("=")[0]!.toLowerCase();
}
