import { join } from "node:path";
import type { Json } from "../../core/contract/plan.ts";
import { UserError } from "../../core/errors.ts";
import { keepDownload } from "../apt/download.ts";
import { readElf } from "../elf.ts";
import { archProblem } from "../k3s/folder.ts";
import { ELSEWHERE } from "../k3s/release.ts";
import { inside } from "../namespace/enter.ts";
import type { Program } from "../plan/observed.ts";
import type { Entry } from "../store/types.ts";
import type { StepReport } from "../ui/reporter.ts";
import type { ApplyContext } from "./context.ts";

const EXECUTABLE = 0o755;

/** Makes the layer of programs that come from no package; those that lie elsewhere are fetched first. */
export async function buildPrograms(
	ctx: ApplyContext,
	below: readonly Entry[],
	dir: string,
	report: StepReport,
): Promise<Record<string, Json>> {
	const { programs } = ctx.seen;
	const epoch = Number(below.at(-1)!.info.epoch);
	const holds: AsyncDisposable[] = [];
	try {
		const placed = [];
		for (const program of programs) placed.push({ ...program, from: await fileOf(ctx, program, report, holds) });
		await inside<"programs">(
			{
				kind: "programs",
				below: below.map((entry) => join(entry.dir, "tree")),
				tree: join(dir, "tree"),
				work: join(dir, "work"),
				programs: placed,
				epoch,
			},
			{ signal: ctx.signal, log: ctx.log, progress: report.progress },
		);
	} finally {
		for (const hold of holds) await hold[Symbol.asyncDispose]();
	}
	return { epoch, summary: programs.map(({ name }) => name).join(", ") };
}

/** Where the bytes of a program are: on this machine, or in the store once they have been fetched. */
async function fileOf(
	ctx: ApplyContext,
	{ name, mode, sha256, from }: Program,
	report: StepReport,
	holds: AsyncDisposable[],
): Promise<string> {
	if (from.file !== undefined) return from.file;
	const { store, world, signal, log } = ctx;
	const progress = (text: string) => report.progress({ text });
	const kept = await keepDownload(store, { name, url: from.url, sha256, fix: ELSEWHERE, world, signal, log, progress });
	holds.push(kept);
	const problems = mode === EXECUTABLE ? archProblem(from.url, (await readElf(kept.file))?.arch, ctx.seen.arch) : [];
	if (problems.length > 0) throw new UserError("invalid", problems);
	return kept.file;
}
