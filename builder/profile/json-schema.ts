import { baseFile } from "../../core/contract/base.ts";
import { overlayFile } from "../../core/contract/overlay.ts";
import { profileFile } from "../../core/contract/profile.ts";
import { jsonSchemaOf, type SchemaNode } from "../../core/toml/schema-keys.ts";

/** What editors complete and check `profiles/*.toml` with. */
export function profileJsonSchema(): SchemaNode {
	return { title: "ClusterOS profile", ...jsonSchemaOf(profileFile) };
}

/** What editors complete and check `profiles/bases/*.toml` with. */
export function baseJsonSchema(): SchemaNode {
	return { title: "ClusterOS base", ...jsonSchemaOf(baseFile) };
}

/** What editors complete and check `overlays/NAME/overlay.toml` with. */
export function overlayJsonSchema(): SchemaNode {
	return { title: "ClusterOS overlay", ...jsonSchemaOf(overlayFile) };
}

/** Text of the files in profiles/schema, by file name. */
export function schemaFiles(): ReadonlyMap<string, string> {
	const schemas = { profile: profileJsonSchema(), base: baseJsonSchema(), overlay: overlayJsonSchema() };
	return new Map(Object.entries(schemas).map(([name, schema]) => [`${name}.schema.json`, `${pretty(schema)}\n`]));
}

const LINE_WIDTH = 130;
const TAB_WIDTH = 2;

/** JSON as this project's formatter leaves it: tabs, and a list on one line where it fits. */
function pretty(value: unknown, depth = 0, before = 0): string {
	if (typeof value !== "object" || value === null) return JSON.stringify(value);
	const isList = Array.isArray(value);
	const flat = isList ? `[${value.map((one) => JSON.stringify(one)).join(", ")}]` : "";
	const isPlain = isList && value.every((one) => typeof one !== "object");
	if (isPlain && depth * TAB_WIDTH + before + flat.length < LINE_WIDTH) return flat;
	const keyed = Object.entries(value).map(([key, one]) => {
		const name = isList ? "" : `${JSON.stringify(key)}: `;
		return `${"\t".repeat(depth + 1)}${name}${pretty(one, depth + 1, name.length)}`;
	});
	if (keyed.length === 0) return isList ? "[]" : "{}";
	const [open, close] = isList ? "[]" : "{}";
	return `${open}\n${keyed.join(",\n")}\n${"\t".repeat(depth)}${close}`;
}
