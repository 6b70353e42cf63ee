/** deb822 sources, the format of /etc/apt/sources.list.d/*.sources. */

export interface DebSource {
	readonly uris: readonly string[];
	readonly suites: readonly string[];
	readonly components: readonly string[];
	/** Keyring files, or one ASCII-armoured key written inline. */
	readonly signedBy: readonly string[] | { readonly armoured: string };
}

/** One paragraph a source. An inline key is folded as deb822 wants it: each line indented, empty ones a dot. */
export function deb822(sources: readonly DebSource[]): string {
	return sources.map(paragraph).join("\n");
}

function paragraph(source: DebSource): string {
	const { signedBy } = source;
	const key = "armoured" in signedBy ? `\n${fold(signedBy.armoured)}` : ` ${signedBy.join(" ")}`;
	return [
		"Types: deb",
		`URIs: ${source.uris.join(" ")}`,
		`Suites: ${source.suites.join(" ")}`,
		...(source.components.length > 0 ? [`Components: ${source.components.join(" ")}`] : []),
		`Signed-By:${key}`,
		"",
	].join("\n");
}

function fold(armoured: string): string {
	return armoured
		.trim()
		.split("\n")
		.map((line) => ` ${line.trimEnd() || "."}`)
		.join("\n");
}
