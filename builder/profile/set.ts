import { profileFile } from "../../core/contract/profile.ts";
import { type Problem, UserError } from "../../core/errors.ts";
import { checkDocument } from "../../core/toml/check-document.ts";
import { setAt } from "../../core/toml/key-path.ts";
import { didYouMean } from "../../core/toml/nearest.ts";
import { jsonSchemaOf, type KeyKind, keysOf, type SchemaKey } from "../../core/toml/schema-keys.ts";
import { SET, type Source } from "./source.ts";

/** Short forms: `--set kernel=virtual`. */
const ALIASES: Readonly<Record<string, string>> = { kernel: "kernel.flavour" };
/** What a file says of itself: no command line may change it. */
const FIXED = new Set(["version", "description", "extends"]);

/** Keys that `--set` takes, by dotted path. */
export function settableKeys(): ReadonlyMap<string, SchemaKey> {
	const keys = keysOf(jsonSchemaOf(profileFile)).filter(({ path, kind }) => !FIXED.has(path[0]!) && kind !== "tables");
	return new Map(keys.map((key) => [key.path.join("."), key]));
}

/**
 * Reads all `--set key=value` and `--set list+=item` as one profile on top of the chain; paths start at `cwd`.
 * @throws UserError with all problems at once.
 */
export function readSets(sets: readonly string[], cwd: string): Source {
	const keys = settableKeys();
	const data: Record<string, unknown> = { version: 1 };
	const problems = sets.flatMap((set) => apply(set, keys, data));
	const where = () => ({ file: SET });
	const checked = checkDocument({ value: data, where }, profileFile);
	const all = [...problems, ...checked.problems];
	if (all.length > 0 || !("value" in checked)) throw new UserError("usage", all);
	return { name: SET, kind: "set", dir: cwd, value: checked.value, where };
}

function apply(set: string, keys: ReadonlyMap<string, SchemaKey>, data: Record<string, unknown>): Problem[] {
	const [, name = "", operator, text = ""] = /^\s*([^=+\s]+)\s*(\+?=)(.*)$/s.exec(set) ?? [];
	if (operator === undefined) return wrong(set, "is neither key=value nor list+=item", "for example --set kernel=virtual");
	const key = findKey(ALIASES[name] ?? name, keys);
	if (key === undefined) return unknown(set, name, keys);
	if (key.kind === "list")
		return operator === "+=" ? append(key, text, data) : wrong(set, `: ${name} is a list`, `--set ${name}+=${text}`);
	if (operator === "+=") return wrong(set, `: ${name} is not a list`, `--set ${name}=${text}`);
	const value = typed(text, key.kind);
	if (value === undefined) return wrong(set, `: expected ${WANTED[key.kind]}, got "${text}"`);
	setAt(data, key.path, value);
	return [];
}

function append(key: SchemaKey, item: string, data: Record<string, unknown>): Problem[] {
	const list = key.path.reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], data);
	setAt(data, key.path, [...((list as string[] | undefined) ?? []), item]);
	return [];
}

/** `settings.NAME` is a key for any NAME. */
function findKey(name: string, keys: ReadonlyMap<string, SchemaKey>): SchemaKey | undefined {
	const [map, ...rest] = name.split(".");
	if (isMap(map!, keys)) return rest.length === 1 ? { path: [map!, rest[0]!], kind: "scalar", node: {} } : undefined;
	return keys.get(name);
}

function isMap(name: string, keys: ReadonlyMap<string, SchemaKey>): boolean {
	return keys.get(name)?.kind === "map";
}

function unknown(set: string, name: string, keys: ReadonlyMap<string, SchemaKey>): Problem[] {
	if (FIXED.has(name)) return wrong(set, `: ${name} can only be given in a profile`);
	const known = [...keys].map(([path, { kind }]) => (kind === "map" ? `${path}.NAME` : path));
	return wrong(
		set,
		`: unknown key "${name}"; known: ${known.join(", ")}`,
		isMap(name, keys) ? `write ${name}.NAME=…` : didYouMean(name, known),
	);
}

function wrong(set: string, why: string, fix?: string): Problem[] {
	return [{ message: `${set}${why.startsWith(":") ? "" : " "}${why}`, where: { file: SET }, fix }];
}

const WANTED: Partial<Record<KeyKind, string>> = {
	boolean: "true or false",
	number: "a number",
	"whole number": "a whole number",
};

/** The text as the key's type; undefined when it is none. A setting is text when quoted, else a number or true/false if it looks so. */
function typed(text: string, kind: KeyKind): string | number | boolean | undefined {
	if (kind === "boolean") return { true: true, false: false }[text];
	if (kind === "number" || kind === "whole number") return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
	if (kind !== "scalar") return text;
	if (/^".*"$/s.test(text)) return text.slice(1, -1);
	if (text === "true" || text === "false") return text === "true";
	return text !== "" && String(Number(text)) === text && Number.isFinite(Number(text)) ? Number(text) : text;
}
