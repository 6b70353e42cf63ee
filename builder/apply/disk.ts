import { join } from "node:path";
import type { Json } from "../../core/contract/plan.ts";
import { inside } from "../namespace/enter.ts";
import type { Entry } from "../store/types.ts";
import type { StepReport } from "../ui/reporter.ts";
import type { ApplyContext } from "./context.ts";

/** Writes `disk.raw` into a folder from the layers below. */
export async function buildDisk(
	ctx: ApplyContext,
	below: readonly Entry[],
	dir: string,
	report: StepReport,
): Promise<Record<string, Json>> {
	const work = join(dir, "work");
	const bios = ctx.seen.architecture.grub_bios;
	await inside<"disk">(
		{
			kind: "disk",
			below: below.map((entry) => join(entry.dir, "tree")),
			work,
			image: join(dir, "disk.raw"),
			layout: ctx.seen.layout,
			efi: ctx.seen.architecture.efi,
			...(bios ? { biosDir: `/boot/grub/${bios.target}` } : {}),
			epoch: Number(below.at(-1)!.info.epoch),
		},
		{ signal: ctx.signal, log: ctx.log, progress: report.progress },
	);
	return {};
}
