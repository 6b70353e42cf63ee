/** First line of a file that the agent keeps; `whose` says where a site's own settings for it go. */
export function notice(whose?: string): string {
	return `# Kept by clusteros-agent: changes made here are lost.${whose === undefined ? "" : ` Own lines: ${whose} in cluster.toml.`}`;
}

/** A site's own lines, unchanged, below a comment that says which key of cluster.toml they come from; nothing when there are none. */
export function siteLines(key: string, lines: string): string[] {
	return lines.trim() === "" ? [] : ["", `# cluster.toml, ${key}:`, lines.replace(/\n+$/, "")];
}

/** Lines as a file's content. */
export function asFile(lines: readonly string[]): string {
	return `${lines.join("\n")}\n`;
}
