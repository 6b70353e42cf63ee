import type { Json, StepRecord } from "../../core/contract/plan.ts";
import { canonicalJson } from "./key.ts";

const MAX_LINES = 12;
const MAX_ITEMS = 4;
const MAX_TEXT = 60;
/** Fields by which the items of a list are told apart, where all have one. */
const NAMES = ["name", "path", "id"];

type Fields = Readonly<Record<string, Json>>;

/** What changed from one record to another, a line each, as `packages: added "htop"` or `tools.mke2fs: 1.47.0 → 1.47.2`. */
export function differences(before: StepRecord, after: StepRecord): string[] {
	const lines = compareFields("", before, after);
	if (lines.length <= MAX_LINES) return lines;
	return [...lines.slice(0, MAX_LINES - 1), `… and ${lines.length - MAX_LINES + 1} more`];
}

function compare(path: string, before: Json | undefined, after: Json | undefined): string[] {
	if (before === undefined) return [`${path}: added ${show(after!)}`];
	if (after === undefined) return [`${path}: removed ${show(before)}`];
	if (canonicalJson(before) === canonicalJson(after)) return [];
	if (isList(before) && isList(after)) return compareLists(path, before, after);
	if (isFields(before) && isFields(after)) return compareFields(`${path}.`, before, after);
	return [`${path}: ${change(before, after)}`];
}

function compareFields(prefix: string, before: Fields, after: Fields): string[] {
	const names = new Set([...Object.keys(before), ...Object.keys(after)]);
	return [...names].toSorted().flatMap((name) => compare(prefix + name, before[name], after[name]));
}

function compareLists(path: string, before: readonly Json[], after: readonly Json[]): string[] {
	const [was, is] = [byName(before), byName(after)];
	if (was && is) {
		const named = [...new Set([...was.keys(), ...is.keys()])].flatMap((name) =>
			compare(`${path}[${name}]`, was.get(name), is.get(name)),
		);
		return named.length > 0 ? named : [`${path}: in another order`];
	}
	const [added, removed] = [without(after, before), without(before, after)];
	const lines = [...changed(path, "removed", removed), ...changed(path, "added", added)];
	return lines.length > 0 ? lines : [`${path}: in another order`];
}

function changed(path: string, how: string, items: readonly Json[]): string[] {
	if (items.length === 0) return [];
	const more = items.length > MAX_ITEMS ? ` and ${items.length - MAX_ITEMS} more` : "";
	return [`${path}: ${how} ${items.slice(0, MAX_ITEMS).map(show).join(", ")}${more}`];
}

/** The items that `others` has not, each as often as it is more often here. */
function without(items: readonly Json[], others: readonly Json[]): Json[] {
	const left = others.map(canonicalJson);
	return items.filter((item) => {
		const at = left.indexOf(canonicalJson(item));
		if (at >= 0) left.splice(at, 1);
		return at < 0;
	});
}

function byName(items: readonly Json[]): Map<string, Json> | undefined {
	const field = NAMES.find((name) => items.every((item) => isFields(item) && typeof item[name] === "string"));
	const named = new Map(items.map((item) => [(item as Fields)[field ?? ""] as string, item]));
	return field && named.size === items.length ? named : undefined;
}

function show(value: Json): string {
	return shorten(canonicalJson(value));
}

/** Two texts without their quotes: beside an arrow they carry nothing. */
function change(before: Json, after: Json): string {
	if (typeof before === "string" && typeof after === "string" && before !== "" && after !== "")
		return `${shorten(before)} → ${shorten(after)}`;
	return `${show(before)} → ${show(after)}`;
}

function shorten(text: string): string {
	const digests = text.replace(/\b[0-9a-f]{64}\b/g, (digest) => `${digest.slice(0, 8)}…`);
	return digests.length > MAX_TEXT ? `${digests.slice(0, MAX_TEXT - 1)}…` : digests;
}

function isList(value: Json): value is readonly Json[] {
	return Array.isArray(value);
}

function isFields(value: Json): value is Fields {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
