import { resolve } from "node:path";
import { may } from "../../core/access.ts";
import { type Base, baseFile } from "../../core/contract/base.ts";
import type { ResolvedProfile, Units } from "../../core/contract/profile.ts";
import { type Problem, UserError, type Where } from "../../core/errors.ts";
import { mustCheck } from "../../core/toml/check-document.ts";
import { formatPath, type PathKey } from "../../core/toml/key-path.ts";
import { didYouMean } from "../../core/toml/nearest.ts";
import { readToml, type TomlDocument } from "../../core/toml/toml-document.ts";
import { findToml } from "./find-file.ts";
import { whereOf } from "./origins.ts";

/** Who names the base: for the message when there is none. */
export interface BaseOptions {
	readonly cwd?: string;
	readonly where?: Where;
}

/**
 * Reads a base by name from `dirs`, or by path from anywhere.
 * @throws UserError with what there is, or with all that is wrong in the file.
 */
export async function readBase(
	ref: string,
	dirs: readonly string[],
	options: BaseOptions = {},
): Promise<{ readonly base: Base; readonly file: string }> {
	const cwd = options.cwd ?? process.cwd();
	const kind = options.where === undefined ? "usage" : "invalid";
	const file = await findToml({ noun: "base", ref, dirs, from: cwd, where: options.where, path: "base", kind });
	const document = await readToml(file, cwd);
	const base = mustCheck(document, baseFile);
	const problems = [...archiveProblems(base, document), ...(await keyringProblems(base, document))];
	if (problems.length > 0) throw new UserError("invalid", problems);
	return { base, file };
}

/** Every pocket has an archive, and every archive an address or a suite to ask the host for. */
function archiveProblems({ apt }: Base, document: TomlDocument): Problem[] {
	const known = Object.keys(apt.archives);
	const mustBeKnown = (archive: string | undefined, path: readonly PathKey[]): Problem[] => {
		if (archive === undefined || known.includes(archive)) return [];
		const message = `there is no archive "${archive}"; there are: ${known.join(", ")}`;
		return [{ ...at(document, path), message, fix: didYouMean(archive, known) }];
	};
	const pockets = apt.pockets.flatMap(({ archive }, index) => mustBeKnown(archive, ["apt", "pockets", index, "archive"]));
	const archives = Object.entries(apt.archives).flatMap(([name, { uri, default_suite, mirrored_with }]) => {
		const path = ["apt", "archives", name];
		const mirror = mustBeKnown(mirrored_with, [...path, "mirrored_with"]);
		if (uri !== undefined || default_suite !== undefined) return mirror;
		const message = `archive "${name}" has neither uri nor default_suite`;
		return [...mirror, { ...at(document, path), message, fix: "give it one of the two" }];
	});
	return [...pockets, ...archives];
}

async function keyringProblems({ apt }: Base, document: TomlDocument): Promise<Problem[]> {
	if (await may(resolve(document.path, "..", apt.keyring.copy))) return [];
	return [{ ...at(document, ["apt", "keyring", "copy"]), message: `there is no file ${apt.keyring.copy} beside the base` }];
}

function at(document: TomlDocument, path: readonly PathKey[]): Pick<Problem, "where" | "path"> {
	return { where: document.where(path), path: formatPath(path) };
}

/** Whether the base has the architecture, and the profile's kernel flavour on it. @throws UserError naming what it has. */
export function checkAgainstBase(resolved: ResolvedProfile, base: Base, arch: string): void {
	const architecture = base.arch[arch];
	if (architecture === undefined) {
		const known = Object.keys(base.arch);
		const message = `base ${base.name} has no architecture "${arch}"; it has: ${known.join(", ")}`;
		throw new UserError("usage", { message, fix: didYouMean(arch, known) });
	}
	const { flavour } = resolved.profile.kernel;
	const flavours = Object.keys(architecture.kernels);
	if (flavours.includes(flavour)) return;
	const origin = resolved.origins.get("kernel.flavour");
	throw new UserError("invalid", {
		message: `base ${base.name} has no kernel flavour "${flavour}" on ${arch}; it has: ${flavours.join(", ")}`,
		where: origin && whereOf(origin),
		path: "kernel.flavour",
		fix: didYouMean(flavour, flavours),
	});
}

/** Unit states of several voices, the later one winning: a unit named by a later one leaves the earlier one's lists. */
export function mergeUnits(...voices: readonly Units[]): Units {
	const states = new Map<string, keyof Units>();
	for (const voice of voices)
		for (const state of ["enable", "disable", "mask"] as const)
			for (const unit of voice[state]) {
				states.delete(unit);
				states.set(unit, state);
			}
	const named = (state: keyof Units) => [...states].flatMap(([unit, one]) => (one === state ? [unit] : []));
	return { enable: named("enable"), disable: named("disable"), mask: named("mask") };
}
