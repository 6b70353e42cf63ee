import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Json } from "../../core/contract/plan.ts";
import { run } from "../../core/process/run.ts";
import type { Entry } from "../store/types.ts";
import { qcow2Args, qemuImgProgress } from "../tools/qemu-img.ts";
import { bytes } from "../ui/format.ts";
import type { StepReport } from "../ui/reporter.ts";
import type { ApplyContext } from "./context.ts";
import { buildDisk } from "./disk.ts";

/** Converts the raw disk, which is made first (and removed afterwards) when none is kept. */
export async function buildQcow2(
	ctx: ApplyContext,
	source: { readonly raw?: string; readonly stack: readonly Entry[] },
	dir: string,
	report: StepReport,
): Promise<Record<string, Json>> {
	const raw = source.raw ?? join(dir, "disk.raw");
	if (!source.raw) await buildPassingDisk(ctx, source.stack, dir);
	report.progress({ text: "compressing" });
	await run(qcow2Args(raw, join(dir, "disk.qcow2")), {
		doing: "making the qcow2 image",
		signal: ctx.signal,
		onLine: (line) => report.progress({ fraction: qemuImgProgress(line), text: "compressing" }),
	});
	if (!source.raw) await rm(raw);
	return {};
}

/** A disk that lives only while its image is made is a step of its own to the person who waits for it. */
async function buildPassingDisk(ctx: ApplyContext, stack: readonly Entry[], dir: string): Promise<void> {
	const report = ctx.reporter.step("disk");
	try {
		await buildDisk(ctx, stack, dir, report);
		report.done(`${bytes((await stat(join(dir, "disk.raw"))).blocks * 512)} used of ${bytes(ctx.seen.layout.size)}`);
	} catch (error) {
		report.failed("");
		throw error;
	}
}
