import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { resolveProfile } from "../../../builder/profile/resolve.ts";
import type { Manifest } from "../../../core/contract/manifest.ts";
import { run } from "../../../core/process/run.ts";
import { measure, type Sample } from "../measure.ts";

/** This project as a person uses it: one command a build. */
export interface Ours {
	/** Starts the command line; the answer is its standard output. */
	readonly command: (args: readonly string[]) => Promise<string>;
	/** Starts Node with nothing to do. */
	readonly empty: () => Promise<void>;
	readonly build: (spec: BuildSpec) => Promise<{ readonly sample: Sample; readonly manifest: Manifest }>;
}

export interface BuildSpec {
	readonly profile: string;
	readonly cacheDir: string;
	readonly out: string;
	readonly args?: readonly string[];
}

/** The first build of a run, and what the others take from it. */
export interface Prepared {
	readonly sample: Sample;
	readonly manifest: Manifest;
	/** Cache folder with all of it. */
	readonly cacheDir: string;
	/** Folder of the image. */
	readonly out: string;
	/** Files that the image has beyond its packages, in their places. */
	readonly extra: string;
	readonly packages: readonly string[];
	/** Paths that dpkg leaves out. */
	readonly leaveOut: readonly string[];
}

export const PROFILE = "slurm";
export const BASE = "debian-13";

export function makeOurs(node: string, root: string, signal: AbortSignal): Ours {
	const command = async (args: readonly string[]) => {
		const { stdout } = await run([node, join(root, "bin/build-image.mjs"), ...args], {
			doing: "building with ClusterOS",
			signal,
		});
		return stdout;
	};
	return {
		command,
		empty: async () => {
			await run([node, "--eval", ""], { doing: "starting Node", signal });
		},
		build: async ({ profile, cacheDir, out, args = [] }) => {
			const places = ["--out", out, "--cache-dir", cacheDir];
			const argv = ["--profile", profile, "--base", BASE, "--json", "--no-install", ...places, ...args];
			const { sample, result } = await measure(() => command(argv));
			return { sample, manifest: (JSON.parse(result) as { manifest: Manifest }).manifest };
		},
	};
}

/** Builds once into an empty cache, and lays out what the peers need to make the same image. */
export async function prepare(ours: Ours, root: string, dir: string): Promise<Prepared> {
	const cacheDir = join(dir, "cache");
	const out = join(dir, "out");
	const { sample, manifest } = await ours.build({ profile: PROFILE, cacheDir, out });
	const extra = join(dir, "extra");
	await copyOwnFiles(root, manifest, cacheDir, extra);
	const where = { profileDirs: [join(root, "profiles")], overlayDirs: [join(root, "overlays")], sets: [], cwd: root };
	const { profile } = await resolveProfile(PROFILE, where);
	const packages = manifest.packages.map(({ name }) => name);
	return { sample, manifest, cacheDir, out, extra, packages, leaveOut: profile.pathExclude };
}

/** Overlay files as the image has them, the agent and its Node. */
async function copyOwnFiles(root: string, manifest: Manifest, cacheDir: string, extra: string): Promise<void> {
	const files = manifest.steps.find(({ id }) => id === "files")!;
	const tree = join(cacheDir, "entries", files.key, "tree");
	const paths = manifest.inputs.map(({ name }) => /^file (\/.*)$/.exec(name)?.[1]).filter((path) => path !== undefined);
	for (const path of [...paths, "/usr/lib/clusteros/node", "/usr/lib/clusteros/agent.js"]) {
		await cp(join(tree, path), join(extra, path), { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
	}
	await mkdir(join(extra, "etc/bench"), { recursive: true });
	await cp(join(root, "LICENSE"), join(extra, EDITED));
}

/** The file that the overlay rows edit, on every side. */
export const EDITED = "etc/bench/edited";

/** A copy of our profile under another name with an overlay of its own, as a site would have it. */
export async function writeSite(root: string, dir: string, more: { readonly packages?: readonly string[] } = {}): Promise<Site> {
	const text = await readFile(join(root, `profiles/${PROFILE}.toml`), "utf8");
	const packages = (more.packages ?? []).map((name) => `"${name}", `).join("");
	const changed = text
		.replace(/^overlays = \[/m, 'overlays = ["./site", ')
		.replace(/^packages = \[/m, `packages = [${packages}`)
		.replace(/^#:schema .*$/m, "");
	await mkdir(join(dir, "site/rootfs/etc/bench"), { recursive: true });
	await writeFile(join(dir, "bench.toml"), changed);
	await writeFile(join(dir, "site/overlay.toml"), 'version = 1\ndescription = "A file to edit"\n');
	await cp(join(root, "LICENSE"), join(dir, "site/rootfs", EDITED));
	return { profile: join(dir, "bench.toml"), edited: join(dir, "site/rootfs", EDITED) };
}

export interface Site {
	/** Path of the profile. */
	readonly profile: string;
	/** Path of the overlay's file. */
	readonly edited: string;
}
