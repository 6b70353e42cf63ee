import { readdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { baseJsonSchema, overlayJsonSchema, profileJsonSchema, schemaFiles } from "../../../builder/profile/json-schema.ts";
import { readText, readToml } from "../../../core/toml/toml-document.ts";

const PROFILES = new URL("../../../profiles/", import.meta.url).pathname;
const tomlIn = async (dir: string) =>
	(await readdir(dir)).filter((name) => name.endsWith(".toml")).map((name) => join(dir, name));
const files = [...(await tomlIn(PROFILES)), ...(await tomlIn(`${PROFILES}bases`))];
const ajv = new Ajv({ strict: false });

test.each(files)("an editor finds the schema of %s and takes the file", async (file) => {
	const [, reference] = /^#:schema (\S+)\n/.exec(await readText(file, file))!;
	const schema = schemaFiles().get(resolve(dirname(file), reference!).replace(`${PROFILES}schema/`, ""));
	const validate = ajv.compile(JSON.parse(schema!));
	validate((await readToml(file)).value);
	expect(validate.errors).toBeNull();
});

test("an editor shows what we refuse", () => {
	const validate = ajv.compile(profileJsonSchema());
	for (const bad of [
		{},
		{ version: 2 },
		{ version: 1, overlay: [] },
		{ version: 1, packages: ["No"] },
		{ version: 1, disk: { size: "4G" } },
	])
		expect(validate(bad)).toBe(false);
	expect(ajv.compile(baseJsonSchema())({ version: 1 })).toBe(false);
	expect(ajv.compile(overlayJsonSchema())({ version: 1, description: "", files: { "/x": { mode: 640 } } })).toBe(false);
});

test("every key that people write has its line of help", () => {
	const silent = [...schemaFiles().values()].flatMap((text) => undescribed(JSON.parse(text)));
	expect(silent).toEqual([]);
});

interface Node {
	readonly description?: string;
	readonly properties?: Readonly<Record<string, Node>>;
	readonly additionalProperties?: Node | boolean;
	readonly items?: Node;
}

/** Paths of values without a description; a table's own keys speak for it. */
function undescribed(node: Node, path = ""): string[] {
	const rest = typeof node.additionalProperties === "object" ? node.additionalProperties : undefined;
	const inner = node.items?.properties ?? rest?.properties ?? {};
	const own = path === "" || node.properties || node.description ? [] : [path];
	const children = Object.entries({ ...node.properties, ...inner });
	return [...own, ...children.flatMap(([name, child]) => undescribed(child, `${path}.${name}`))];
}
