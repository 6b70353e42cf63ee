import { join, resolve } from "node:path";
import { expect } from "vitest";
import { defaultCacheDir } from "../../../builder/store/store.ts";
import { type Manifest, manifest } from "../../../core/contract/manifest.ts";
import { type CliOptions, cli, type Ended } from "./cli.ts";

/** The cache of the whole tier, by default the user's own: what one suite or an earlier build made, the next one reuses. */
export const SHARED_CACHE = resolve(process.env.CLUSTEROS_TEST_CACHE ?? defaultCacheDir(process.env));

/** Profiles for tests; `testbase` is the smallest system that can be made into an image. */
export const FIXTURES = join(import.meta.dirname, "../fixtures");

export interface Built {
	readonly manifest: Manifest;
	readonly out: string;
	/** Absolute path of an artifact. */
	file(format: string): string;
	/** Ids of steps that were made, not taken from the cache. */
	readonly made: readonly string[];
	readonly cached: readonly string[];
	readonly stderr: string;
}

/** Words of every build here: Debian 13 is the base that is reached everywhere, and nothing is installed on this machine. */
export function buildArgs(cache: string, out: string, ...more: readonly string[]): string[] {
	return ["build", "--base", "debian-13", "--no-install", "--profiles", FIXTURES, "--cache-dir", cache, "--out", out, ...more];
}

/** A build that has to work; all that it said is in the failure when it does not. */
export async function built(cache: string, out: string, more: readonly string[], options: CliOptions = {}): Promise<Built> {
	return builtFrom(await cli(buildArgs(cache, out, "--json", ...more), options), out);
}

/** What a build with --json answered. */
export function builtFrom(ended: Ended, out: string): Built {
	expect(ended, `${ended.stderr}\n${ended.stdout}`).toMatchObject({ code: 0 });
	const found = manifest.parse(JSON.parse(ended.stdout).manifest);
	const ids = (cached: boolean) => found.steps.filter((step) => step.cached === cached).map((step) => step.id);
	return {
		manifest: found,
		out,
		file: (format) => join(out, found.artifacts.find((artifact) => artifact.format === format)!.file),
		made: ids(false),
		cached: ids(true),
		stderr: ended.stderr,
	};
}

/** All that a build leaves in OUT, sorted. */
export function filesOf(profile: string, ...formats: readonly string[]): string[] {
	const name = `${profile}-debian-13-amd64`;
	const beside = ["manifest.json", "vmlinuz", "initrd"].map((suffix) => `${name}.${suffix}`);
	return [...beside, ...formats.flatMap((format) => [`${name}.${format}`, `${profile}-latest.${format}`])].toSorted();
}
