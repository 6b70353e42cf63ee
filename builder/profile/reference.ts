import { profileFile } from "../../core/contract/profile.ts";
import { jsonSchemaOf, keysOf, type SchemaNode } from "../../core/toml/schema-keys.ts";

const BEGIN = "<!-- keys: made from core/contract/profile.ts by test/builder/profile/generated.test.ts -u -->";
const END = "<!-- end of keys -->";

/** docs/profile.md with its table of keys made again from the schema. */
export function withKeyTable(markdown: string): string {
	const [start, end] = [markdown.indexOf(BEGIN), markdown.indexOf(END)];
	if (start < 0 || end < start) throw new Error(`no place for the table: put ${BEGIN} and ${END} into the page`);
	return `${markdown.slice(0, start + BEGIN.length)}\n\n${profileKeyTable()}\n\n${markdown.slice(end)}`;
}

/** Every key of a profile, what it takes and what it is for, as a Markdown table. */
export function profileKeyTable(): string {
	const rows = rowsOf(jsonSchemaOf(profileFile)).map((cells) => `| ${cells.join(" | ")} |`);
	return ["| key | takes | what it is for |", "| --- | --- | --- |", ...rows].join("\n");
}

function rowsOf(root: SchemaNode, prefix = ""): string[][] {
	return keysOf(root).flatMap(({ path, kind, node }) => {
		const name = `${prefix}${path.join(".")}`;
		const row = [`\`${kind === "map" ? `${name}.NAME` : name}\``, takes(kind, node), inTable(node.description ?? "")];
		return kind === "tables" ? [row, ...rowsOf(node.items!, `${name}[].`)] : [row];
	});
}

function takes(kind: string, node: SchemaNode): string {
	const choice = node.const ?? node.enum?.map((one) => JSON.stringify(one)).join(" or ");
	if (choice !== undefined) return `\`${choice}\``;
	const words: Record<string, string> = {
		boolean: "true or false",
		list: "list of texts",
		tables: "list of tables",
		map: "text, number, true or false",
	};
	return words[kind] ?? kind;
}

function inTable(text: string): string {
	return text.replaceAll("|", "\\|").replaceAll("{{", "`{{").replaceAll("}}", "}}`");
}
