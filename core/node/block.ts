/** Our part of a file that belongs to others as well, such as /etc/hosts: the lines between two marks. Pure. */

const BEGIN = "# clusteros: begin; kept by clusteros-agent, changes between these marks are lost";
const END = "# clusteros: end";

/** The file with our lines as given, and all others as they were; appended where there were none of ours. */
export function withBlock(text: string, content: string): string {
	const block = `${BEGIN}\n${content.replace(/\n*$/, "\n")}${END}\n`;
	const at = find(text);
	if (at !== undefined) return text.slice(0, at.begin) + block + text.slice(at.end);
	return `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}${block}`;
}

/** Our lines in a file; undefined when there are none. */
export function blockIn(text: string): string | undefined {
	const at = find(text);
	return at && text.slice(text.indexOf("\n", at.begin) + 1, at.end - END.length - 1);
}

function find(text: string): { begin: number; end: number } | undefined {
	const begin = text.startsWith(BEGIN) ? 0 : text.indexOf(`\n${BEGIN}`) + 1;
	if (begin === 0 && !text.startsWith(BEGIN)) return undefined;
	const end = text.indexOf(`\n${END}\n`, begin);
	return end === -1 ? undefined : { begin, end: end + END.length + 2 };
}
