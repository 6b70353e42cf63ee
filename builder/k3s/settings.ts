import { dirname, resolve } from "node:path";
import type { ResolvedProfile } from "../../core/contract/profile.ts";
import { type Problem, UserError, type Where } from "../../core/errors.ts";
import { didYouMean } from "../../core/toml/nearest.ts";
import { whereOf } from "../profile/origins.ts";
import { SET } from "../profile/source.ts";

/** What a profile's `[settings]` say of k3s. */
export interface K3sSettings {
	readonly version: string;
	/** Releases lie below it as VERSION/FILE, without a slash at its end. */
	readonly url: string;
	/** Absolute. */
	readonly dir: string | undefined;
	readonly airgap: boolean;
	/** Pinned SHA-256 by name of setting. */
	readonly pins: ReadonlyMap<string, string>;
	/** Where a setting was given. */
	where(name: string): Where | undefined;
}

export const RELEASES = "https://github.com/k3s-io/k3s/releases/download";
const DIGEST = /^[0-9a-f]{64}$/;
const ARCHES = ["amd64", "arm64"];
const PINS = ARCHES.flatMap((arch) => [pinOf("k3s", arch), pinOf("airgap", arch)]);

/** A setting's rule: whether a value will do, and what would. */
const RULES: Readonly<Record<string, { readonly holds: (value: unknown) => boolean; readonly wanted: string }>> = {
	k3s_version: { holds: matches(/^v\d+\.\d+\.\d+(-[0-9A-Za-z.]+)?\+k3s\d+$/), wanted: "a release such as v1.34.3+k3s1" },
	k3s_url: {
		holds: matches(/^(https?:\/\/[^\s/]|(copy|file):\/)\S*$/),
		wanted: "an address that starts with https://, http://, copy:/ or file:/",
	},
	k3s_dir: { holds: matches(/./), wanted: "a folder" },
	k3s_airgap: { holds: (value) => typeof value === "boolean", wanted: "true or false" },
	...Object.fromEntries(
		PINS.map((name) => [name, { holds: matches(DIGEST), wanted: "a SHA-256: 64 hexadecimal digits in lower case" }]),
	),
};

/** The setting that pins the digest of a release's file. */
export function pinOf(what: "k3s" | "airgap", arch: string): string {
	return what === "k3s" ? `k3s_sha256_${arch}` : `k3s_airgap_sha256_${arch}`;
}

/** Reads the settings whose names begin with `k3s_`. @throws UserError with all that is wrong with them. */
export function k3sSettings({ profile, origins }: ResolvedProfile, cwd: string): K3sSettings {
	const where = (name: string) => {
		const origin = origins.get(`settings.${name}`);
		return origin && whereOf(origin);
	};
	const { settings } = profile;
	const problems = Object.entries(settings)
		.filter(([name]) => name.startsWith("k3s_"))
		.flatMap(([name, value]) => problemOf(name, value, where(name)));
	if (settings.k3s_version === undefined) problems.push(noVersion());
	if (problems.length > 0) throw new UserError("invalid", problems);
	return {
		version: String(settings.k3s_version),
		url: String(settings.k3s_url ?? RELEASES).replace(/\/+$/, ""),
		dir: settings.k3s_dir === undefined ? undefined : resolve(besides(where("k3s_dir"), cwd), String(settings.k3s_dir)),
		airgap: settings.k3s_airgap === true,
		pins: new Map(PINS.flatMap((name) => (settings[name] === undefined ? [] : [[name, String(settings[name])]]))),
		where,
	};
}

/** Paths are relative to the file they stand in, those of a command line to the working folder. */
function besides(where: Where | undefined, cwd: string): string {
	return where === undefined || where.file === SET ? cwd : dirname(resolve(cwd, where.file));
}

function matches(pattern: RegExp): (value: unknown) => boolean {
	return (value) => typeof value === "string" && pattern.test(value);
}

function problemOf(name: string, value: unknown, where: Where | undefined): Problem[] {
	const rule = RULES[name];
	const path = `settings.${name}`;
	if (rule?.holds(value)) return [];
	if (rule) return [{ message: `expected ${rule.wanted}, got ${JSON.stringify(value)}`, where, path }];
	const known = Object.keys(RULES);
	return [
		{ message: `there is no setting ${name}; of k3s there are: ${known.join(", ")}`, where, path, fix: didYouMean(name, known) },
	];
}

function noVersion(): Problem {
	const message = "no profile of the chain says which k3s";
	return { message, path: "settings.k3s_version", fix: 'extends = ["k3s"], or --set settings.k3s_version=v1.34.3+k3s1' };
}
