import { type Problem, UserError } from "../errors.ts";
import { didYouMean } from "../toml/nearest.ts";

/** Hostlists as SLURM and pdsh have them: `c1,n[01-40,45]`. */

const ITEM = /^([a-z][a-z0-9-]*)(?:\[([0-9,-]+)\])?$/;
/** More nodes than any of our clusters: a slip such as n[1-99999999] must not fill the memory. */
const MOST = 65_536;

/** The names of a hostlist in its order, each once. @throws UserError (usage) when it is none. */
export function expandHostlist(text: string): string[] {
	const names = new Set<string>();
	for (const item of splitItems(text)) {
		const [, prefix, ranges] = ITEM.exec(item) ?? refuse(text, `"${item}" is neither a name nor a hostlist`);
		if (ranges === undefined) names.add(prefix!);
		else for (const number of numbers(ranges, text)) names.add(prefix! + number);
		if (names.size > MOST) refuse(text, `more than ${MOST} nodes`);
	}
	return [...names];
}

/** The shortest hostlist of these names, sorted; doubles are dropped. */
export function compressHostlist(names: readonly string[]): string {
	const byPrefix = new Map<string, string[]>();
	const plain: string[] = [];
	for (const name of new Set(names)) {
		const [, prefix, digits] = /^(.*?)([0-9]{1,9})$/.exec(name) ?? [];
		if (prefix === undefined || !/^[a-z][a-z0-9-]*$/.test(prefix)) plain.push(name);
		else byPrefix.set(prefix, [...(byPrefix.get(prefix) ?? []), digits!]);
	}
	const groups = [...byPrefix].map(([prefix, digits]) => ({ prefix, text: prefix + bracketed(rangesOf(digits)) }));
	const all = [...plain.map((name) => ({ prefix: name, text: name })), ...groups];
	return all
		.sort((a, b) => (a.prefix < b.prefix ? -1 : 1))
		.map(({ text }) => text)
		.join(",");
}

/** The nodes of `names` that `text` means: `all` or a hostlist. @throws UserError naming every node that is not there. */
export function selectNodes(text: string, names: readonly string[]): string[] {
	if (text === "all") return [...names];
	const selected = expandHostlist(text);
	const unknown = selected.filter((name) => !names.includes(name));
	if (unknown.length > 0)
		throw new UserError(
			"usage",
			unknown.map((name) => unknownNode(name, names)),
		);
	return selected;
}

function unknownNode(name: string, names: readonly string[]): Problem {
	const fix = didYouMean(name, names) ?? `the nodes are: ${compressHostlist(names)}`;
	return { message: `no node is called "${name}"`, fix };
}

/** Parts between commas that stand outside brackets. */
function splitItems(text: string): string[] {
	return text.split(/,(?![^[]*\])/).map((item) => item.trim());
}

function* numbers(ranges: string, text: string): Generator<string> {
	for (const range of ranges.split(",")) {
		const [, from, to = from] = /^([0-9]{1,9})(?:-([0-9]{1,9}))?$/.exec(range) ?? refuse(text, `"${range}" is no range`);
		const [low, high] = [Number(from), Number(to)];
		if (low > high) refuse(text, `"${range}" counts backwards`);
		if (high - low >= MOST) refuse(text, `more than ${MOST} nodes`);
		const width = from!.startsWith("0") ? from!.length : 0;
		for (let number = low; number <= high; number++) yield String(number).padStart(width, "0");
	}
}

function refuse(text: string, why: string): never {
	throw new UserError("usage", { message: `not a hostlist: "${text}": ${why}`, fix: "such as n1, c1,n[1-4] or n[01-40]" });
}

/** Runs of neighbours; `09` and `10` are neighbours, `9` and `09` are not. */
function rangesOf(digits: readonly string[]): string[] {
	const padded = new Set(digits.filter((text) => text.length > 1 && text.startsWith("0")).map((text) => text.length));
	const widthOf = (text: string) => (padded.has(text.length) ? text.length : 0);
	const sorted = digits
		.map((text) => ({ text, width: widthOf(text), value: Number(text) }))
		.sort((a, b) => a.width - b.width || a.value - b.value);
	const runs: (typeof sorted)[] = [];
	for (const one of sorted) {
		const last = runs.at(-1)?.at(-1);
		if (last && last.width === one.width && last.value + 1 === one.value) runs.at(-1)!.push(one);
		else runs.push([one]);
	}
	return runs.map((run) => (run.length === 1 ? run[0]!.text : `${run[0]!.text}-${run.at(-1)!.text}`));
}

function bracketed(ranges: readonly string[]): string {
	const single = ranges.length === 1 && !ranges[0]!.includes("-");
	return single ? ranges[0]! : `[${ranges.join(",")}]`;
}
