import { type AST, parseTOML } from "toml-eslint-parser";
import { formatPath, type PathKey } from "./key-path.ts";

/** A place in a text; both 1-based. */
export interface Position {
	readonly line: number;
	readonly column: number;
}

/** Where every key and list item of a TOML text stands, by its formatted path. Throws the parser's ParseError on bad syntax. */
export function keyPositions(text: string): ReadonlyMap<string, Position> {
	const found = new Map<string, Position>();
	for (const node of parseTOML(text).body[0].body) {
		if (node.type === "TOMLTable") table(node, found);
		else keyValue(node, [], found);
	}
	return found;
}

function table(node: AST.TOMLTable, found: Map<string, Position>): void {
	mark(node.resolvedKey, node, found);
	const last = node.resolvedKey.at(-1);
	// The list that a first [[table]] opens has no place of its own.
	if (typeof last === "number") mark(node.resolvedKey.slice(0, -1), node, found);
	for (const entry of node.body) keyValue(entry, node.resolvedKey, found);
}

function keyValue(node: AST.TOMLKeyValue, parent: readonly PathKey[], found: Map<string, Position>): void {
	let path = parent;
	for (const key of node.key.keys) {
		path = [...path, key.type === "TOMLBare" ? key.name : key.value];
		mark(path, key, found);
	}
	content(node.value, path, found);
}

function content(node: AST.TOMLContentNode, path: readonly PathKey[], found: Map<string, Position>): void {
	if (node.type === "TOMLInlineTable") for (const entry of node.body) keyValue(entry, path, found);
	if (node.type !== "TOMLArray") return;
	for (const [index, element] of node.elements.entries()) {
		mark([...path, index], element, found);
		content(element, [...path, index], found);
	}
}

function mark(path: readonly PathKey[], node: AST.TOMLNode, found: Map<string, Position>): void {
	const name = formatPath(path);
	if (!found.has(name)) found.set(name, { line: node.loc.start.line, column: node.loc.start.column + 1 });
}
