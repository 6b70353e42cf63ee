import { basename, resolve } from "node:path";
import {
	type Profile,
	type ProfileFile,
	type ProfileLayer,
	profileFile,
	type ResolvedProfile,
} from "../../core/contract/profile.ts";
import { InternalError, type Problem, UserError } from "../../core/errors.ts";
import { setAt } from "../../core/toml/key-path.ts";
import { type Chain, readChain } from "./chain.ts";
import { isPath } from "./find-file.ts";
import { type Merged, mergeSources } from "./merge.ts";
import { originsOf } from "./origins.ts";
import { findParts, type Parts } from "./parts.ts";
import { checkRules } from "./rules.ts";
import { readSets } from "./set.ts";
import type { Source } from "./source.ts";

/** Where a profile's parts are looked for, and what the command line adds. */
export interface ResolveOptions {
	/** Folders with `NAME.toml`, first match wins. */
	readonly profileDirs: readonly string[];
	/** Folders with `NAME/overlay.toml`, first match wins. */
	readonly overlayDirs: readonly string[];
	/** `--set` arguments, in order. */
	readonly sets: readonly string[];
	/** What relative paths on the command line start from; files below it are shown relative to it. */
	readonly cwd: string;
}

/**
 * Reads a profile (a name, or a path to the site's own), all it extends and every `--set`, merges them and finds
 * what they name. Nothing is asked of an archive.
 * @throws UserError with every problem of the files and of `--set`; when there is none, of what they say together.
 */
export async function resolveProfile(ref: string, options: ResolveOptions): Promise<ResolvedProfile> {
	const { chain, set } = await readAll(ref, options);
	const target = chain.sources.at(-1)!;
	const sources = options.sets.length > 0 ? [...chain.sources, set] : chain.sources;
	const merged = mergeSources(sources);
	const parts = await findParts(merged, options.overlayDirs, options.cwd);
	const problems = [...nameProblems(target), ...merged.problems, ...checkRules(merged), ...parts.problems];
	if (problems.length > 0) throw new UserError("invalid", problems);
	const profile = assemble(sources, target, merged, parts);
	return { profile, origins: originsOf(merged), files: [...chain.files, ...parts.keyFiles] };
}

/** Files and command line are both read to their end before either's mistakes are shown. */
async function readAll(ref: string, options: ResolveOptions): Promise<{ chain: Chain; set: Source }> {
	const readSet = async () => readSets(options.sets, options.cwd);
	const [chain, set] = await Promise.allSettled([readChain(ref, options), readSet()]);
	if (chain.status === "fulfilled" && set.status === "fulfilled") return { chain: chain.value, set: set.value };
	const errors = [chain, set].flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
	const known = errors.filter((error) => error instanceof UserError);
	if (known.length < errors.length) throw errors.find((error) => !(error instanceof UserError));
	throw new UserError(
		known[0]!.kind,
		known.flatMap(({ problems }) => problems),
	);
}

/** The name is part of artifacts' file names. */
function nameProblems({ name, where }: Source): Problem[] {
	if (/^[A-Za-z0-9][\w.-]*$/.test(name)) return [];
	const message = `a profile called "${name}" cannot be part of an image's file name`;
	return [{ message, where: { file: where([]).file }, fix: "rename the file: letters, digits, dots, dashes and _" }];
}

function assemble(sources: readonly Source[], target: Source, merged: Merged, parts: Parts): Profile {
	const whole = typedAgain(merged);
	return {
		name: target.name,
		description: target.value.description,
		base: basePath(whole.base!, sources),
		recommends: whole.recommends ?? false,
		pathExclude: whole.path_exclude,
		layers: sources.flatMap((source) => layerOf(source, merged)),
		overlays: parts.overlays,
		units: whole.units,
		kernel: { flavour: whole.kernel.flavour!, args: whole.kernel.args },
		console: { serial: whole.console.serial!, speed: whole.console.speed! },
		disk: { size: whole.disk.size!, esp: whole.disk.esp!, seed: whole.disk.seed!, filesystem: whole.disk.filesystem! },
		formats: whole.formats!,
		ssh: { password_login: whole.ssh.password_login ?? false, root_login: whole.ssh.root_login ?? false },
		settings: whole.settings,
		aptSources: parts.aptSources,
		scripts: (merged.lists.get("scripts") ?? []).map(({ id }) => id),
	};
}

/** The merged values through the schema again, as one file: that types them, and a defect of ours would show here. */
function typedAgain(merged: Merged): ProfileFile {
	const data: Record<string, unknown> = { version: 1 };
	for (const [path, { value }] of merged.scalars) setAt(data, path.split("."), value);
	for (const [path, items] of merged.lists) {
		const texts = items.map(({ text }) => text);
		setAt(data, path.split("."), texts);
	}
	const result = profileFile.safeParse(data);
	if (!result.success) throw new InternalError(`a merged profile does not fit its own schema: ${result.error.message}`);
	return result.data;
}

/** A base given as a path lies beside the profile that names it. */
function basePath(base: string, sources: readonly Source[]): string {
	const source = sources.findLast(({ value }) => value.base !== undefined);
	return isPath(base) ? resolve(source!.dir, base) : base;
}

/** What a profile adds; one that only sets values or names units adds nothing. */
function layerOf(source: Source, merged: Merged): ProfileLayer[] {
	const mine = (list: string) => (merged.lists.get(list) ?? []).filter((item) => item.source === source);
	const packages = mine("packages").map(({ text }) => text);
	const debs = mine("debs").map(({ id }) => id);
	const overlays = mine("overlays").map(({ id }) => basename(id));
	return packages.length + debs.length + overlays.length === 0 ? [] : [{ name: source.name, packages, debs, overlays }];
}
