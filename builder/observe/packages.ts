import type { Base } from "../../core/contract/base.ts";
import type { Overlay } from "../../core/contract/overlay.ts";
import type { Profile, ResolvedProfile } from "../../core/contract/profile.ts";
import type { Index } from "../apt/index.ts";
import { type Request, type SolvedLayer, solve } from "../apt/solve.ts";
import { originOfPackage } from "../profile/origins.ts";
import type { ObserveSpec } from "./spec.ts";

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
export async function solveKept(
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

function originOfRenamed(resolved: ResolvedProfile, base: Base, name: string) {
	const ours = Object.entries(base.rename).find(([, theirs]) => theirs.includes(name))?.[0];
	return ours ? originOfPackage(resolved, ours) : undefined;
}
