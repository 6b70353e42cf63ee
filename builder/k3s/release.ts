import { readFile } from "node:fs/promises";
import { type Problem, UserError } from "../../core/errors.ts";
import { airgapName } from "../../core/node/k3s-airgap.ts";
import { downloadText } from "../apt/download.ts";
import type { World } from "../apt/world.ts";
import { binaryName, checksumsName, parseChecksums } from "./checksums.ts";
import type { K3sFile } from "./layout.ts";
import { type K3sSettings, pinOf } from "./settings.ts";

/** What mends a release that cannot be had. */
export const ELSEWHERE = "another place: --set settings.k3s_url=URL; files that you have: --k3s-dir DIR";

export interface ReleaseSpec {
	readonly settings: K3sSettings;
	readonly arch: string;
	/** Digests that the person vouches for (--trust-k3s). */
	readonly trust: readonly string[];
	/** Made only when something is to be fetched. */
	readonly world: () => Promise<World>;
	readonly signal?: AbortSignal | undefined;
	readonly log?: ((line: string) => void) | undefined;
}

/** A digest to be written into the profile once the build has verified it. */
export interface Pin {
	readonly setting: string;
	readonly sha256: string;
}

export interface Release {
	readonly files: readonly K3sFile[];
	readonly pins: readonly Pin[];
}

/** A file that is wanted of the release, and the setting that pins its digest. */
interface Asset {
	readonly name: string;
	readonly as: string;
	readonly setting: string;
	readonly pinned: string | undefined;
}

/**
 * What a release consists of. Nothing is fetched here where every digest is pinned. Otherwise the release's own list is,
 * and a digest of it counts only when the person repeats it.
 * @throws UserError for a digest that nobody vouches for, or when two who do differ.
 */
export async function readRelease(spec: ReleaseSpec): Promise<Release> {
	const assets = assetsOf(spec);
	const isPinned = assets.every(({ pinned }) => pinned !== undefined);
	const isKnown = spec.trust.every((digest) => assets.some(({ pinned }) => pinned === digest));
	if (isPinned && isKnown) return { files: assets.map((asset) => fileOf(asset, asset.pinned!, spec.settings)), pins: [] };
	const listed = await readList(spec);
	const problems = [...assets.flatMap((asset) => doubts(asset, listed.get(asset.name), spec)), ...strange(assets, listed, spec)];
	if (problems.length > 0) throw new UserError("invalid", problems);
	const chosen = assets.map((asset) => ({ asset, sha256: listed.get(asset.name)! }));
	return {
		files: chosen.map(({ asset, sha256 }) => fileOf(asset, sha256, spec.settings)),
		pins: chosen.flatMap(({ asset: { setting, pinned }, sha256 }) => (pinned === sha256 ? [] : [{ setting, sha256 }])),
	};
}

function assetsOf({ settings, arch }: ReleaseSpec): Asset[] {
	const asset = (name: string, as: string, setting: string) => ({ name, as, setting, pinned: settings.pins.get(setting) });
	const images = airgapName(arch);
	return [
		asset(binaryName(arch), "k3s", pinOf("k3s", arch)),
		...(settings.airgap ? [asset(images, images, pinOf("airgap", arch))] : []),
	];
}

/** The plus sign of a version is written as GitHub has it in its addresses. */
function address({ url, version }: K3sSettings, name: string): string {
	return `${url}/${encodeURIComponent(version)}/${name}`;
}

function fileOf({ name, as }: Asset, sha256: string, settings: K3sSettings): K3sFile {
	return { name: as, sha256, from: { url: address(settings, name) } };
}

async function readList({ settings, arch, world, signal, log }: ReleaseSpec): Promise<ReadonlyMap<string, string>> {
	const url = address(settings, checksumsName(arch));
	const name = `list of digests of k3s ${settings.version}`;
	const text = await downloadText({ name, url, world: await world(), fix: ELSEWHERE, signal, log }, (file) =>
		readFile(file, "utf8"),
	);
	return parseChecksums(text);
}

/** Why a digest does not count; nothing when it does. */
function doubts(
	{ name, as, setting, pinned }: Asset,
	listed: string | undefined,
	{ settings, arch, trust }: ReleaseSpec,
): Problem[] {
	const { version } = settings;
	const list = address(settings, checksumsName(arch));
	if (listed === undefined)
		return [{ message: `${list} names no ${name}`, fix: `another k3s_version than ${version}, or --k3s-dir DIR` }];
	if (pinned === listed || trust.includes(listed)) return [];
	const fix = `compare it with what you know from elsewhere, then the same command with: --trust-k3s ${listed}  (which also pins it)`;
	const where = settings.where(pinned === undefined ? "k3s_version" : setting);
	const path = `settings.${pinned === undefined ? "k3s_version" : setting}`;
	if (pinned === undefined) {
		const what = as === "k3s" ? as : `${name} of k3s`;
		const message = `no digest is pinned for ${what} ${version}; ${list} says ${listed}`;
		return [{ message, where, path, fix }];
	}
	return [{ message: `${setting} is ${pinned}; for k3s ${version} ${list} says ${listed}`, where, path, fix }];
}

/** Digests that were vouched for and are nobody's. */
function strange(assets: readonly Asset[], listed: ReadonlyMap<string, string>, { settings, trust }: ReleaseSpec): Problem[] {
	const known = assets.flatMap(({ name, pinned }) => [listed.get(name), pinned]);
	const said = assets.map(({ name }) => `${name} has ${listed.get(name) ?? "none"}`).join(", ");
	return trust
		.filter((digest) => !known.includes(digest))
		.map((digest) => ({
			message: `--trust-k3s ${digest} is no digest of k3s ${settings.version}: its release says that ${said}`,
			fix: "check the version and the digest",
		}));
}
