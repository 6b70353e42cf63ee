import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { unshareArgs } from "../../builder/namespace/enter.ts";
import { run } from "../../core/process/run.ts";

/** Trees in a cache folder may have owners that only exist in a user namespace: copying and removing happens in one. */
const inNamespace = (argv: readonly string[]) => [...unshareArgs(process.getuid!()), ...argv];

export async function removeTree(...dirs: readonly string[]): Promise<void> {
	const remove = () => run(inNamespace(["rm", "-rf", "--", ...dirs]), { doing: "removing what the bench made" });
	await Promise.all(dirs.map((dir) => rm(dir, { recursive: true, force: true }))).catch(remove);
}

/** A copy with the same times, owners and holes. */
export async function copyTree(from: string, to: string): Promise<void> {
	await run(inNamespace(["cp", "--archive", "--reflink=auto", "--sparse=always", "--", from, to]), {
		doing: "copying a cache folder",
	});
}

/** A folder for this run, removed with everything in it when it goes out of scope. */
export async function makeScratch(dir: string): Promise<AsyncDisposable & { readonly path: string }> {
	await mkdir(dir, { recursive: true });
	const path = await mkdtemp(join(dir, "run-"));
	return { path, [Symbol.asyncDispose]: () => removeTree(path) };
}
