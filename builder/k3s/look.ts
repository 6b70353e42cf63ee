import { join, resolve } from "node:path";
import { type Problem, UserError } from "../../core/errors.ts";
import { airgapArch, airgapName } from "../../core/node/k3s-airgap.ts";
import { makeWorld } from "../apt/world.ts";
import type { ObserveSpec } from "../observe/spec.ts";
import type { K3sObserved, Program } from "../plan/observed.ts";
import type { RenderedFile } from "../render/types.ts";
import { readFolder } from "./folder.ts";
import { type K3sFile, type K3sLayout, k3sLinks, k3sPrograms } from "./layout.ts";
import { type Pin, readRelease } from "./release.ts";
import { type K3sSettings, k3sSettings, pinOf } from "./settings.ts";
import { scanVersion } from "./version.ts";

/** The k3s that goes into an image: as data, nothing of it is fetched yet. */
export interface K3s {
	readonly observed: K3sObserved;
	readonly programs: readonly Program[];
	readonly links: readonly RenderedFile[];
	/** To be written into the profile when the build has worked. */
	readonly pins: readonly Pin[];
}

interface Found {
	readonly version: string;
	readonly layout: K3sLayout;
	readonly files: readonly K3sFile[];
	readonly pins: readonly Pin[];
}

/**
 * Finds the k3s that the profile wants: in a folder (--k3s-dir, `k3s_dir`, CLUSTEROS_K3S; the first that is given), else
 * among the releases.
 * @throws UserError for everything that a person can have got wrong about it.
 */
export async function lookAtK3s(spec: ObserveSpec): Promise<K3s> {
	const settings = k3sSettings(spec.resolved, spec.cwd);
	const folder = folderOf(spec, settings);
	const found = folder ? await fromFolder(spec, settings, folder) : await fromRelease(spec, settings);
	const { version, layout, files, pins } = found;
	const { sha256 } = files.find(({ name }) => name === "k3s")!;
	return { observed: { version, layout, sha256 }, programs: k3sPrograms(version, files), links: k3sLinks(layout), pins };
}

/** Options about k3s for a profile that has none are a mistake; the environment's folder is for whom it concerns. */
export function mustNotAskForK3s({ k3sDir, trustK3s, resolved }: ObserveSpec): void {
	const given = [...(k3sDir === undefined ? [] : ["--k3s-dir"]), ...(trustK3s.length > 0 ? ["--trust-k3s"] : [])];
	if (given.length === 0) return;
	const message = `${given.join(" and ")}: profile ${resolved.profile.name} has no k3s`;
	throw new UserError("usage", { message, fix: 'take --profile k3s or hybrid, or one that extends them (extends = ["k3s"])' });
}

interface Folder {
	readonly dir: string;
	readonly by: string;
}

function folderOf({ k3sDir, env, cwd }: ObserveSpec, settings: K3sSettings): Folder | undefined {
	if (k3sDir !== undefined) return { dir: resolve(cwd, k3sDir), by: "--k3s-dir" };
	if (settings.dir !== undefined) return { dir: settings.dir, by: "k3s_dir" };
	return env.CLUSTEROS_K3S ? { dir: resolve(cwd, env.CLUSTEROS_K3S), by: "CLUSTEROS_K3S" } : undefined;
}

async function fromRelease(spec: ObserveSpec, settings: K3sSettings): Promise<Found> {
	const { arch, store, trustK3s: trust, signal, log } = spec;
	// Of its own: the digests are settled before the distribution's archive is asked for anything.
	const common = { arch, sources: "", recommends: false, options: {} };
	const world = () => makeWorld({ dir: join(store.apt, "downloads"), ...common });
	const release = await readRelease({ settings, arch, trust, world, signal, log });
	return { version: settings.version, layout: "bundled", ...release };
}

async function fromFolder(spec: ObserveSpec, settings: K3sSettings, { dir, by }: Folder): Promise<Found> {
	const { arch, store } = spec;
	const { layout, files } = await readFolder({ dir, by, arch, digest: (file) => store.fileDigest(file) });
	const [k3s] = files;
	const pinning = (name: string) => pinningOf(name, layout, arch);
	const problems = files.flatMap((file) => notVouchedFor(file, `${by} ${dir}`, { setting: pinning(file.name), spec, settings }));
	if (settings.airgap && files.every(({ name }) => airgapArch(name) !== arch)) problems.push(noAirgap(dir, by, arch, settings));
	if (problems.length > 0) throw new UserError("invalid", problems);
	const pins = files.flatMap(({ name, sha256 }): Pin[] => {
		const setting = pinning(name);
		const isNew = setting !== undefined && spec.trustK3s.includes(sha256) && settings.pins.get(setting) !== sha256;
		return isNew ? [{ setting, sha256 }] : [];
	});
	return { version: await versionOf(k3s!, spec), layout, files, pins };
}

/** The setting that pins a file of a folder: only a release's own files have one. */
function pinningOf(name: string, layout: K3sLayout, arch: string): string | undefined {
	if (name === "k3s") return layout === "bundled" ? pinOf("k3s", arch) : undefined;
	return name === airgapName(arch) ? pinOf("airgap", arch) : undefined;
}

interface Vouching {
	readonly setting: string | undefined;
	readonly spec: ObserveSpec;
	readonly settings: K3sSettings;
}

/** A release's files are held to the profile's pins; --trust-k3s goes before those, and any `k3s` is held to it. */
function notVouchedFor({ name, sha256 }: K3sFile, what: string, { setting, spec, settings }: Vouching): Problem[] {
	const { trustK3s: trust } = spec;
	if (trust.includes(sha256)) return [];
	if (name === "k3s" && trust.length > 0) {
		const message = `${what}: its k3s has SHA-256 ${sha256}, and --trust-k3s says ${trust.join(" or ")}`;
		return [{ message, fix: "take the file that you meant; nothing of this one was used" }];
	}
	const pinned = setting === undefined ? undefined : settings.pins.get(setting);
	if (pinned === undefined || pinned === sha256) return [];
	return [
		{
			message: `${what}: its ${name} has SHA-256 ${sha256}; pinned for ${settings.version} is ${pinned}`,
			where: settings.where(setting!),
			path: `settings.${setting}`,
			fix: `take that of this release; if you vouch for this one: --trust-k3s ${sha256}  (which also pins it)`,
		},
	];
}

function noAirgap(dir: string, by: string, arch: string, settings: K3sSettings): Problem {
	const message = `k3s_airgap is true, and ${by} ${dir} has no k3s-airgap-images-${arch}.tar, .tar.gz or .tar.zst`;
	return {
		message,
		where: settings.where("k3s_airgap"),
		path: "settings.k3s_airgap",
		fix: "put the release's archive beside k3s",
	};
}

/** What the binary says of itself, looked up once for its digest. */
async function versionOf({ sha256, from }: K3sFile, { store }: ObserveSpec): Promise<string> {
	return store.memo("k3s version", { sha256 }, async () => (await scanVersion(from.file!)) ?? "unknown");
}
