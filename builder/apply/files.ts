import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Json } from "../../core/contract/plan.ts";
import { BIOS_MODULES } from "../disk/grub.ts";
import { inside } from "../namespace/enter.ts";
import type { Entry } from "../store/types.ts";
import type { StepReport } from "../ui/reporter.ts";
import { type LocalFile, packFiles } from "./archive.ts";
import type { ApplyContext } from "./context.ts";

/** Makes the layer of our own files. The kernel and initrd are laid beside the tree for direct boots. */
export async function buildFiles(
	ctx: ApplyContext,
	below: readonly Entry[],
	dir: string,
	report: StepReport,
): Promise<Record<string, Json>> {
	const { seen } = ctx;
	const work = join(dir, "work");
	const archive = join(work, "files.tar");
	await mkdir(work, { recursive: true });
	const epoch = Number(below.at(-1)!.info.epoch);
	await packFiles(archive, seen.files, agent(ctx), epoch);
	const { kernel, packages } = await inside<"files">(
		{
			kind: "files",
			below: below.map((entry) => join(entry.dir, "tree")),
			tree: join(dir, "tree"),
			work,
			archive,
			units: seen.units,
			scripts: seen.scripts.map(({ path }) => path),
			containerImages: seen.containerImages,
			grub: {
				bios: seen.architecture.grub_bios && { ...seen.architecture.grub_bios, modules: BIOS_MODULES },
				menu: {
					rootUuid: seen.layout.rootFsUuid,
					cmdline: seen.cmdline,
					serial: {
						unit: Number(/\d+$/.exec(seen.resolved.profile.console.serial)![0]),
						speed: seen.resolved.profile.console.speed,
					},
					title: `ClusterOS ${seen.resolved.profile.name}`,
				},
			},
			boot: dir,
			epoch,
		},
		{ signal: ctx.signal, log: ctx.log, progress: report.progress },
	);
	return {
		epoch,
		kernel,
		packages,
		summary: `${seen.resolved.profile.overlays.length} overlays, agent`,
	};
}

function agent(ctx: ApplyContext): LocalFile[] {
	return [{ path: "/usr/lib/clusteros/agent.js", from: ctx.seen.agent.path, mode: 0o644 }];
}
