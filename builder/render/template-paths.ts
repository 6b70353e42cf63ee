/** What a template asks for, read from its syntax tree: so that every wrong name is found, also in a branch not taken. */

interface Node {
	readonly type: string;
	readonly loc: { readonly start: { readonly line: number; readonly column: number } };
	readonly [field: string]: unknown;
}

interface PathNode extends Node {
	readonly original: string;
	readonly parts: readonly string[];
	readonly depth: number;
	readonly data: boolean;
}

/** A name in a template; line and column are 1-based. */
export interface UsedName {
	readonly kind: "variable" | "helper";
	readonly name: string;
	readonly parts: readonly string[];
	readonly line: number;
	readonly column: number;
}

/** Blocks that change what names mean inside them; the renderer itself checks those names. */
const SCOPING = ["each", "with"];

/** Every variable and helper that a template names in the outermost scope, in the order of the text. */
export function usedNames(ast: unknown): UsedName[] {
	return statements((ast as Node).body);
}

function statements(body: unknown): UsedName[] {
	return (body as readonly Node[]).flatMap(statement);
}

function statement(node: Node): UsedName[] {
	if (node.type === "MustacheStatement") return call(node, false);
	if (node.type !== "BlockStatement") return [];
	const outer = call(node, true);
	if (SCOPING.includes((node.path as PathNode).original)) return outer;
	const bodies = [node.program, node.inverse].filter(Boolean) as Node[];
	return [...outer, ...bodies.flatMap((program) => statements(program.body))];
}

/** `{{name}}`, `{{helper argument}}`, `{{#helper argument}}` or `(helper argument)`. */
function call(node: Node, isHelper: boolean): UsedName[] {
	const path = node.path as PathNode;
	const params = node.params as readonly Node[];
	const values = ((node.hash as { pairs: readonly { value: Node }[] } | undefined)?.pairs ?? []).map((pair) => pair.value);
	const given = [...params, ...values];
	const helper = isHelper || given.length > 0;
	return [...named(path, helper ? "helper" : "variable"), ...given.flatMap(expression)];
}

function expression(node: Node): UsedName[] {
	if (node.type === "SubExpression") return call(node, true);
	return node.type === "PathExpression" ? named(node as PathNode, "variable") : [];
}

function named(path: PathNode, kind: UsedName["kind"]): UsedName[] {
	if (path.type !== "PathExpression" || path.data || path.depth > 0 || path.parts.length === 0) return [];
	const { line, column } = path.loc.start;
	return [{ kind, name: path.original, parts: path.parts, line, column: column + 1 }];
}
