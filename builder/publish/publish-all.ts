import { readFile, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Manifest } from "../../core/contract/manifest.ts";
import type { StepResult } from "../apply/apply.ts";
import type { ApplyContext } from "../apply/context.ts";
import { FORMATS } from "../formats.ts";
import { makeManifest, manifestFile } from "./manifest.ts";
import { linkLatest, place, publish, sweepPartials } from "./publish.ts";

export interface PublishSpec {
	readonly ctx: ApplyContext;
	readonly results: ReadonlyMap<string, StepResult>;
	readonly out: string;
	/** Folder of our own package.json. */
	readonly root: string;
}

export interface Published {
	readonly manifest: Manifest;
	readonly manifestFile: string;
}

/** Lays every artifact into OUT, and the manifest last: when it is there, so is all that it names. */
export async function publishAll({ ctx, results, out, root }: PublishSpec): Promise<Published> {
	const { plan, store } = ctx;
	await sweepPartials(out);
	const artifacts = await allEnded(
		plan.outputs.map(async ({ format, step, entryFile, file }) => {
			const { dir, files } = results.get(step)!.entry;
			await publish(join(dir, entryFile), out, file, ctx.signal);
			const { size, sha256 } = files[entryFile]!;
			await linkLatest(out, ctx.seen.resolved.profile.name, FORMATS[format as keyof typeof FORMATS].suffix, file);
			return { format, file, size, sha256 };
		}),
	);
	const files = results.get("files")!.entry;
	const [vmlinuz, initrd] = await allEnded(
		["vmlinuz", "initrd"].map(async (name) => {
			const [from, path] = [join(files.dir, name), `${plan.name}.${name}`];
			const [sha256, { size }] = await Promise.all([store.fileDigest(from), stat(from), publish(from, out, path, ctx.signal)]);
			return { path, size, sha256 };
		}),
	);
	const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
	const manifest = makeManifest({
		seen: ctx.seen,
		results,
		files,
		kernel: { vmlinuz: vmlinuz!, initrd: initrd! },
		artifacts,
		builder: `clusteros ${version}`,
	});
	const target = manifestFile(out, plan.name);
	await place(out, basename(target), (partial) => writeFile(partial, `${JSON.stringify(manifest, null, "\t")}\n`));
	return { manifest, manifestFile: target };
}

/** As Promise.all, but a failure is thrown only once all have ended: none goes on writing to OUT while the program leaves. */
async function allEnded<T>(work: readonly Promise<T>[]): Promise<T[]> {
	const outcomes = await Promise.allSettled(work);
	const failed = outcomes.find((outcome) => outcome.status === "rejected");
	if (failed) throw failed.reason;
	return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<T>).value);
}
