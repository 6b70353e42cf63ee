import * as z from "zod";
import type { PathKey } from "./key-path.ts";

/** The part of JSON Schema that our schemas use; what an editor is given is also what we ask for names and types. */
export interface SchemaNode {
	readonly title?: string;
	readonly type?: string;
	readonly description?: string;
	readonly const?: string | number;
	readonly enum?: readonly (string | number)[];
	readonly anyOf?: readonly SchemaNode[];
	readonly properties?: Readonly<Record<string, SchemaNode>>;
	readonly required?: readonly string[];
	readonly additionalProperties?: SchemaNode | boolean;
	readonly items?: SchemaNode;
}

/** Kinds of value a key takes. A `map` is a table with names of the user's choice; `tables` is a list of tables. */
export type KeyKind = "text" | "whole number" | "number" | "boolean" | "scalar" | "list" | "tables" | "map";

/** One key of a file format, by its path. */
export interface SchemaKey {
	readonly path: readonly string[];
	readonly kind: KeyKind;
	readonly node: SchemaNode;
}

/** A schema as draft-07 JSON Schema of what people write (defaults may be left out). */
export function jsonSchemaOf(schema: z.ZodType): SchemaNode {
	// zod writes its own format names, which validators do not know; the pattern beside them says the same.
	const override = ({ jsonSchema }: { jsonSchema: { format?: string } }) => delete jsonSchema.format;
	return z.toJSONSchema(schema, { io: "input", target: "draft-7", override }) as SchemaNode;
}

/** The node that describes what lies at `path`, or undefined where nothing may lie. */
export function nodeAt(root: SchemaNode, path: readonly PathKey[]): SchemaNode | undefined {
	let at: SchemaNode | undefined = root;
	for (const key of path) {
		if (at === undefined) return undefined;
		const rest: SchemaNode | undefined = typeof at.additionalProperties === "object" ? at.additionalProperties : undefined;
		at = typeof key === "number" ? at.items : (at.properties?.[key] ?? rest);
	}
	return at;
}

/** Every key of a format that holds a value, in the order of the schema; tables with fixed keys are gone into. */
export function keysOf(node: SchemaNode, path: readonly string[] = []): SchemaKey[] {
	return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
		const here = [...path, name];
		return child.properties ? keysOf(child, here) : [{ path: here, kind: kindOf(child), node: child }];
	});
}

function kindOf(node: SchemaNode): KeyKind {
	if (node.type === "array") return node.items?.properties ? "tables" : "list";
	if (node.additionalProperties) return "map";
	if (node.anyOf) return "scalar";
	if (node.type === "integer") return "whole number";
	if (node.type === "number" || node.type === "boolean") return node.type;
	return "text";
}
