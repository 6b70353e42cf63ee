import { resolve } from "node:path";
import { type AptSource, profileFile } from "../../core/contract/profile.ts";
import type { Problem, Where } from "../../core/errors.ts";
import { formatPath, getAt } from "../../core/toml/key-path.ts";
import { didYouMean } from "../../core/toml/nearest.ts";
import { jsonSchemaOf, type KeyKind, keysOf, type SchemaKey } from "../../core/toml/schema-keys.ts";
import type { Source } from "./source.ts";

/** One item of a merged list: what was written, who wrote it, and where. */
export interface Item {
	readonly text: string;
	/** What the item is called for `-name` and for being there already: no version pin; an absolute path for files. */
	readonly id: string;
	readonly source: Source;
	readonly where: Where;
	/** Path in its own file, as `packages[3]`. */
	readonly path: string;
}

export interface Scalar {
	readonly value: string | number | boolean;
	readonly where: Where;
}

export interface MergedAptSource {
	readonly value: AptSource;
	readonly source: Source;
	readonly where: Where;
	/** Its place in its own file: `apt.sources[index]`. */
	readonly index: number;
	readonly path: string;
}

/** A chain merged into one, by dotted path; nothing is looked up on the disk yet. */
export interface Merged {
	readonly scalars: ReadonlyMap<string, Scalar>;
	readonly lists: ReadonlyMap<string, readonly Item[]>;
	readonly aptSources: readonly MergedAptSource[];
	readonly problems: readonly Problem[];
}

/** Keys that describe the file they stand in and are not inherited. */
const OWN = new Set(["version", "description", "extends"]);
/** A unit has one state: naming it in one of these takes it from the parents' others. */
const UNIT_LISTS = ["units.enable", "units.disable", "units.mask"];
const SCALARS: readonly KeyKind[] = ["text", "whole number", "number", "boolean", "scalar"];

/** Merges a linearised chain: later scalars win, lists are appended, `-name` removes, `formats` replaces. */
export function mergeSources(sources: readonly Source[]): Merged {
	const keys = keysOf(jsonSchemaOf(profileFile)).filter(({ path }) => !OWN.has(path[0]!));
	const scalars = new Map<string, Scalar>();
	const lists = new Map<string, Item[]>();
	const problems: Problem[] = [];
	for (const source of sources) {
		for (const key of keys) {
			if (key.kind === "list") problems.push(...mergeList(key, source, lists));
			else for (const [path, scalar] of scalarsOf(key, source)) scalars.set(path, scalar);
		}
	}
	return { scalars, lists, aptSources: sources.flatMap(aptSourcesOf), problems };
}

function scalarsOf({ path, kind }: SchemaKey, source: Source): [string, Scalar][] {
	const value = getAt(source.value, path);
	if (value === undefined) return [];
	if (SCALARS.includes(kind)) return [[path.join("."), { value: value as Scalar["value"], where: source.where(path) }]];
	if (kind !== "map") return [];
	return Object.entries(value as Record<string, Scalar["value"]>).map(([name, one]) => {
		const here = [...path, name];
		return [here.join("."), { value: one, where: source.where(here) }];
	});
}

function mergeList({ path }: SchemaKey, source: Source, lists: Map<string, Item[]>): Problem[] {
	const name = path.join(".");
	const texts = getAt(source.value, path) as readonly string[] | undefined;
	const replaces = name === "formats" && source.kind === "file" && texts !== undefined;
	const before = replaces ? [] : (lists.get(name) ?? []);
	const problems: Problem[] = [];
	const items = (texts ?? []).reduce((list, text, index) => {
		const removes = isRemoval(text);
		const written = removes ? text.slice(1) : text;
		const at = { where: source.where([...path, index]), path: formatPath([...path, index]) };
		const item: Item = { text: written, id: idOf(name, written, source), source, ...at };
		if (removes && !list.some(({ id }) => id === item.id)) problems.push(nothingToRemove(item, list));
		if (!removes && UNIT_LISTS.includes(name)) takeFromOtherLists(name, item, lists);
		return removes ? list.filter(({ id }) => id !== item.id) : addItem(list, item);
	}, before);
	lists.set(name, items);
	return problems;
}

/** Appends an item unless it is there; a version pin (`name=1.2`) given later takes the earlier item's place in its layer. */
export function addItem(list: Item[], item: Item): Item[] {
	const known = list.find(({ id }) => id === item.id);
	if (known === undefined) return [...list, item];
	if (known.text === item.text || item.text === item.id) return list;
	return list.map((one) => (one === known ? { ...item, source: known.source } : one));
}

/** `-.mount` and `-.slice` are systemd's names of its root units. */
function isRemoval(text: string): boolean {
	return text.startsWith("-") && !/^-\.(mount|slice)$/.test(text);
}

function idOf(list: string, text: string, source: Source): string {
	if (list === "packages") return text.replace(/=.*/, "");
	if (list === "debs" || list === "scripts" || (list === "overlays" && isOverlayPath(text))) return resolve(source.dir, text);
	return text;
}

/** Whether an item of `overlays` is a folder's path rather than a name from overlays/. */
export function isOverlayPath(text: string): boolean {
	return text.includes("/") || text.startsWith(".");
}

function takeFromOtherLists(name: string, item: Item, lists: Map<string, Item[]>): void {
	for (const other of UNIT_LISTS.filter((one) => one !== name)) {
		const kept = lists.get(other)?.filter(({ id, source }) => id !== item.id || source === item.source);
		if (kept) lists.set(other, kept);
	}
}

function nothingToRemove(item: Item, list: readonly Item[]): Problem {
	return {
		message: `"-${item.text}" removes nothing: no profile before this one names ${item.text} here`,
		where: item.where,
		path: item.path,
		fix: didYouMean(
			item.text,
			list.map(({ text }) => text),
		)?.replace('"', '"-'),
	};
}

function aptSourcesOf(source: Source): MergedAptSource[] {
	return source.value.apt.sources.map((value, index) => {
		const path = ["apt", "sources", index];
		return { value, source, where: source.where(path), index, path: formatPath(path) };
	});
}
