import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../core/process/run.ts";
import { mmdebstrapArgs } from "../tools/mmdebstrap.ts";
import { clean } from "./clean.ts";
import { cleanEnv } from "./env.ts";
import type { Answers, BootstrapJob } from "./jobs.ts";
import { leaveOut } from "./leave-out.ts";
import { bind, inTree, mountStack, mountSystem } from "./mounts.ts";
import { packageProgress, type Talk } from "./talk.ts";
import { clampTimes } from "./times.ts";

/**
 * Makes the base layer. apt's lists and the .debs are mounted in, so nothing of them stays and nothing is fetched.
 * The initramfs is made once at the end: the kernel's postinst and initramfs-tools' trigger would make it twice
 * (5 to 10 s each); `INITRD=No` is what the kernel's hook looks at.
 */
export async function bootstrap(job: BootstrapJob, talk: Talk): Promise<Answers["bootstrap"]> {
	const root = join(job.work, "root");
	await mkdir(job.work, { recursive: true });
	{
		// An overlay over nothing, because that can be told not to sync.
		await using _tree = await mountStack([], root, { tree: job.tree, work: join(job.work, "work") });
		await installAll(job, root, talk);
		await using _system = await mountSystem(root);
		for (const kernel of await kernels(root)) {
			talk.progress(undefined, `initramfs for ${kernel}`);
			await inTree(root, ["update-initramfs", "-c", "-k", kernel], job.epoch, "making the initramfs", talk);
		}
	}
	leaveOut(job.tree, job.pathExclude);
	await clean(job.tree);
	await clampTimes(job.tree, job.epoch);
	return {};
}

async function installAll(job: BootstrapJob, root: string, talk: Talk): Promise<void> {
	await using _lists = await bind(job.lists, join(root, "var/lib/apt/lists"));
	await using _archives = await bind(job.archives, join(root, "var/cache/apt/archives"));
	const aptOptions = { ...job.aptOptions, "APT::Install-Recommends": String(job.recommends) };
	await run(mmdebstrapArgs({ root, arch: job.arch, packages: job.packages, aptOptions }), {
		doing: "making the root filesystem",
		scrub: true,
		env: { ...cleanEnv(job.epoch), INITRD: "No" },
		input: job.sources,
		onLine: packageProgress(talk, job.expected),
	});
}

/** Kernel versions in a tree, newest first as `linux-version sort` would have it for our few. */
export async function kernels(root: string): Promise<string[]> {
	const names = await readdir(join(root, "boot"));
	return names
		.filter((name) => name.startsWith("vmlinuz-"))
		.map((name) => name.slice("vmlinuz-".length))
		.toSorted((a, b) => b.localeCompare(a, "en", { numeric: true }));
}
