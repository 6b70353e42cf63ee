/**
 * Plain data as one line of YAML that every parser reads back alike: JSON, with one difference. PyYAML (cloud-init's parser, YAML 1.1)
 * refuses DEL and C1 controls in the text and takes NEL, U+2028 and U+2029 for line breaks, so these are escaped too.
 * Characters beyond U+FFFF stay as they are: PyYAML does not join the surrogate pair of a JSON escape.
 */
export function asYaml(value: unknown): string {
	// YAML wants a space behind colons; line breaks of the value itself are escapes by now.
	const json = JSON.stringify(value, null, 1).replaceAll(/\n */g, " ");
	return json.replaceAll(/[\u007f-\u00a0\u2028\u2029\ufeff\ufffe\uffff]/g, escaped);
}

function escaped(character: string): string {
	return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
