import type { Profile } from "../../core/contract/profile.ts";
import { UserError } from "../../core/errors.ts";
import { extraSources } from "../apt/archives.ts";
import { deb822 } from "../apt/deb822.ts";
import { type DiskLayout, fatUuid } from "../disk/layout.ts";
import { clashes } from "../render/clashes.ts";
import { renderOverlays } from "../render/render-overlays.ts";
import type { OverlaySource, RenderedFile, TemplateContext } from "../render/types.ts";
import { imageSources } from "./archive.ts";
import type { ObserveSpec } from "./spec.ts";

/**
 * Every file that goes on top of the packages: the overlays', and what the profile itself asks for.
 * @throws UserError for mistakes in templates, and for two that write one path.
 */
export async function renderFiles(
	spec: ObserveSpec,
	overlays: readonly OverlaySource[],
	layout: DiskLayout,
	cmdline: string,
	links: readonly RenderedFile[],
): Promise<RenderedFile[]> {
	const { profile } = spec.resolved;
	const rendered = await renderOverlays(overlays, await templateContext(spec, layout, cmdline));
	const files = [...rendered, ...excludes(profile), ...keptSources(profile), ...links];
	const problems = clashes(files);
	if (problems.length > 0) throw new UserError("invalid", problems);
	return files;
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

async function templateContext(spec: ObserveSpec, layout: DiskLayout, cmdline: string): Promise<TemplateContext> {
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
		apt: { sources: deb822(await imageSources(spec)).trimEnd() },
		cmdline,
	};
}
