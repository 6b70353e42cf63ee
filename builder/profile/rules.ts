import { basename } from "node:path";
import type { Problem, Where } from "../../core/errors.ts";
import type { Merged, MergedAptSource } from "./merge.ts";

/** A check of a merged profile that looks at nothing but the profile. */
export type Rule = (merged: Merged) => readonly Problem[];

/** Smallest ESP whose FAT32 is valid with 4096-byte sectors, in MiB. */
const LEAST_ESP = 260;
/** Less than this holds no bootable system at all, in MiB. */
const LEAST_ROOT = 512;

/** Values that no default is sensible for: `base` gives them all. */
const REQUIRED = [
	"base",
	"kernel.flavour",
	"console.serial",
	"console.speed",
	"disk.size",
	"disk.esp",
	"disk.seed",
	"disk.filesystem",
];

export const RULES: readonly Rule[] = [
	requiredValues,
	someFormat,
	oneStatePerUnit,
	uniqueAptSources,
	aptUris,
	aptComponents,
	debNames,
	uniqueOverlays,
	espSize,
	rootFits,
];

/** Somebody in the chain says what the image cannot do without. */
export function requiredValues({ scalars }: Merged): Problem[] {
	const missing = REQUIRED.filter((path) => !scalars.has(path));
	const fix = 'add extends = ["base"], or give the key';
	return missing.map((path) => ({ message: `no profile of the chain says ${path}`, path, fix }));
}

/** At least one image format is made. */
export function someFormat({ lists }: Merged): Problem[] {
	if ((lists.get("formats") ?? []).length > 0) return [];
	return [{ message: "no image format is left to make", path: "formats", fix: 'write formats = ["qcow2"]' }];
}

/** One file does not ask for two states of one unit (a later file may change its mind). */
export function oneStatePerUnit({ lists }: Merged): Problem[] {
	const items = ["enable", "disable", "mask"].flatMap((state) => lists.get(`units.${state}`) ?? []);
	return repeated(items, ({ id }) => id).map(([item, first]) => ({
		message: `${item.text} is also in ${first.path}: a unit has one state`,
		where: item.where,
		path: item.path,
		fix: "keep it in one of the two lists",
	}));
}

/** Two sources of one name would be one file in the image. */
export function uniqueAptSources({ aptSources }: Merged): Problem[] {
	return repeated(aptSources, ({ value }) => value.name).map(([source, first]) => ({
		message: `an apt source "${source.value.name}" is already given at ${shown(first.where)}`,
		where: source.where,
		path: source.path,
		fix: "give it another name",
	}));
}

/** Only schemes that both mmdebstrap's apt and the image's apt know. */
export function aptUris({ aptSources }: Merged): Problem[] {
	const bad = (source: MergedAptSource) =>
		source.value.uris.filter((uri) => !/^(https?:\/\/[^\s/]|(copy|file):\/)\S*$/.test(uri));
	return aptSources.flatMap((source) =>
		bad(source).map((uri) => ({
			message: `"${uri}" is no archive address`,
			where: source.where,
			path: `${source.path}.uris`,
			fix: "begin it with https://, http://, copy:/ or file:/",
		})),
	);
}

/** apt's own rule: a suite needs components, a path that ends in a slash takes none. */
export function aptComponents({ aptSources }: Merged): Problem[] {
	return aptSources.flatMap(({ value, where, path }) => {
		const flat = value.suites.filter((suite) => suite.endsWith("/"));
		const problem = { where, path: `${path}.components` };
		if (flat.length < value.suites.length && value.components.length === 0)
			return [
				{
					...problem,
					message: `suite "${value.suites.find((s) => !s.endsWith("/"))}" needs components`,
					fix: 'such as components = ["main"]',
				},
			];
		if (flat.length > 0 && value.components.length > 0)
			return [
				{
					...problem,
					message: `"${flat[0]}" is a path in a flat archive, which has no components`,
					fix: "take the components out",
				},
			];
		return [];
	});
}

/** A local package is a .deb, and all lie in one folder while they are installed. */
export function debNames({ lists }: Merged): Problem[] {
	const debs = lists.get("debs") ?? [];
	const strange = debs.filter(({ id }) => !id.endsWith(".deb"));
	const twice = repeated(debs, ({ id }) => basename(id));
	return [
		...strange.map(({ text, where, path }) => ({ message: `"${text}" is not a .deb file`, where, path })),
		...twice.map(([item, first]) => ({
			message: `a file called ${basename(item.id)} is already given at ${shown(first.where)}`,
			where: item.where,
			path: item.path,
			fix: "rename one of the two",
		})),
	];
}

/** An overlay is known by its folder's name, in messages, records and the manifest. */
export function uniqueOverlays({ lists }: Merged): Problem[] {
	return repeated(lists.get("overlays") ?? [], ({ id }) => basename(id)).map(([item, first]) => ({
		message: `an overlay called "${basename(item.id)}" is already given at ${shown(first.where)}`,
		where: item.where,
		path: item.path,
		fix: "rename the folder",
	}));
}

/** 4096-byte-sector disks need a larger FAT32. */
export function espSize({ scalars }: Merged): Problem[] {
	const esp = scalars.get("disk.esp");
	if (esp === undefined || mib(esp.value) >= LEAST_ESP) return [];
	const message = `expected at least ${LEAST_ESP}MiB, got ${esp.value}: disks with 4096-byte sectors need it`;
	return [{ message, where: esp.where, path: "disk.esp", fix: `esp = "${LEAST_ESP}MiB"` }];
}

/** Something is left for the root partition. */
export function rootFits({ scalars }: Merged): Problem[] {
	const [size, esp, seed] = ["disk.size", "disk.esp", "disk.seed"].map((path) => scalars.get(path));
	if (!size || !esp || !seed) return [];
	const others = mib(esp.value) + mib(seed.value);
	const left = mib(size.value) - others;
	if (left >= LEAST_ROOT) return [];
	const message = `${size.value} leaves ${Math.max(left, 0)} MiB for the root filesystem (esp ${esp.value}, seed ${seed.value})`;
	return [{ message, where: size.where, path: "disk.size", fix: `at least ${others + LEAST_ROOT}MiB, and more for packages` }];
}

/** Bytes of a size such as 4GiB, in MiB. */
function mib(size: string | number | boolean): number {
	const [, amount, unit] = /^(\d+)(MiB|GiB)$/.exec(String(size)) ?? [];
	return Number(amount) * (unit === "GiB" ? 1024 : 1);
}

/** Each item whose key an earlier one has, with that earlier one. */
function repeated<T>(items: readonly T[], keyOf: (item: T) => string): [T, T][] {
	const first = new Map<string, T>();
	return items.flatMap((item): [T, T][] => {
		const known = first.get(keyOf(item));
		if (known === undefined) first.set(keyOf(item), item);
		return known === undefined ? [] : [[item, known]];
	});
}

function shown({ file, line }: Where): string {
	return line === undefined ? file : `${file}:${line}`;
}

/** The problems of all rules, in the order of the rules. */
export function checkRules(merged: Merged): Problem[] {
	return RULES.flatMap((rule) => rule(merged));
}
