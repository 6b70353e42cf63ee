import { copyFile, mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import type { Json } from "../../core/contract/plan.ts";
import { UserError } from "../../core/errors.ts";
import { fetchDebs } from "../apt/fetch.ts";
import type { Deb } from "../apt/solve.ts";
import { inside } from "../namespace/enter.ts";
import type { PackagesStep } from "../plan/steps.ts";
import type { Entry } from "../store/types.ts";
import { bytes } from "../ui/format.ts";
import type { StepReport } from "../ui/reporter.ts";
import type { ApplyContext } from "./context.ts";

/** Makes one layer of packages in the entry's folder; its info carries the epoch that everything above is dated with. */
export async function buildPackages(
	ctx: ApplyContext,
	step: PackagesStep,
	below: readonly Entry[],
	dir: string,
	report: StepReport,
): Promise<Record<string, Json>> {
	const { debs } = step.solved;
	const work = join(dir, "work");
	const archives = join(work, "archives");
	await mkdir(join(archives, "partial"), { recursive: true });
	const fetched = await bringDebs(ctx, debs, { temp: dir, archives, report });
	for (const path of step.request.debs) await copyFile(path, join(archives, path.split("/").at(-1)!));
	const epoch = await epochOf(
		ctx,
		below.at(-1),
		debs.map((deb) => join(archives, deb.file)),
	);
	const common = {
		tree: join(dir, "tree"),
		work,
		arch: ctx.seen.arch,
		packages: step.request.packages,
		sources: ctx.seen.sources,
		lists: ctx.world.lists,
		archives,
		recommends: ctx.seen.resolved.profile.recommends,
		pathExclude: ctx.seen.resolved.profile.pathExclude,
		aptOptions: { ...ctx.seen.base.apt.options, "Acquire::Languages": "none" },
		epoch,
		expected: debs.length,
	};
	const options = { signal: ctx.signal, log: ctx.log, progress: report.progress };
	if (below.length === 0) await inside<"bootstrap">({ kind: "bootstrap", ...common }, options);
	else {
		const names = step.request.debs.map((path) => path.split("/").at(-1)!);
		await inside<"install">(
			{ kind: "install", ...common, debs: names, below: below.map((entry) => join(entry.dir, "tree")) },
			options,
		);
	}
	report.progress({ text: "checking" });
	const counted = `${debs.length} packages${fetched > 0 ? `, ${bytes(fetched)} downloaded` : ""}`;
	return { epoch, summary: counted };
}

interface Place {
	/** Folder on the store's filesystem. */
	readonly temp: string;
	readonly archives: string;
	readonly report: StepReport;
}

/** Lays every .deb into `archives`, fetching what is not kept; a kept one that is damaged is removed aloud and fetched anew, once. */
async function bringDebs(ctx: ApplyContext, debs: readonly Deb[], { temp, archives, report }: Place): Promise<number> {
	let fetched = 0;
	let missing = debs;
	for (let attempt = 0; attempt < 2 && missing.length > 0; attempt++) {
		fetched += await fetchDebs({
			world: ctx.world,
			debs: missing,
			shelf: ctx.store.debs,
			temp,
			tried: ctx.tried,
			signal: ctx.signal,
			log: ctx.log,
			progress: (done, total) =>
				report.progress({ fraction: done / total, text: `downloading ${bytes(done)} of ${bytes(total)}` }),
		});
		missing = await putDebs(ctx, missing, archives);
	}
	if (missing.length === 0) return fetched;
	throw new UserError("failed", {
		message: `the cache gives damaged packages twice in a row, such as ${missing[0]!.file}`,
		fix: "its disk may be failing; another one: --cache-dir DIR",
	});
}

/** Links what is kept whole into `archives`; returns what is not. */
async function putDebs(ctx: ApplyContext, debs: readonly Deb[], archives: string): Promise<Deb[]> {
	const missing: Deb[] = [];
	for (const deb of debs) if (!(await ctx.store.debs.link(deb.sha256, join(archives, deb.file)))) missing.push(deb);
	return missing;
}

/** The date of everything in the image: SOURCE_DATE_EPOCH, or when the newest of its packages was made. */
async function epochOf(ctx: ApplyContext, below: Entry | undefined, files: readonly string[]): Promise<number> {
	if (ctx.seen.epoch !== undefined) return ctx.seen.epoch;
	const times = await Promise.all(files.map(packageTime));
	return Math.max(Number(below?.info.epoch ?? 0), ...times);
}

/** Time of a .deb in seconds: that of its first member, in bytes 24 to 36 of the ar archive (deb(5), ar(5)). */
async function packageTime(file: string): Promise<number> {
	await using deb = await open(file, "r");
	const { buffer } = await deb.read(Buffer.alloc(36), 0, 36, 0);
	return Number(buffer.toString("latin1", 24, 36)) || 0;
}
