import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../core/process/run.ts";
import { mmdebstrapArgs } from "../tools/mmdebstrap.ts";
import { clean } from "./clean.ts";
import { cleanEnv } from "./env.ts";
import type { Answers, BootstrapJob } from "./jobs.ts";
import { leaveOut } from "./leave-out.ts";
import { bind, inTree, mountSystem } from "./mounts.ts";
import { packageProgress, type Talk } from "./talk.ts";
import { clampTimes } from "./times.ts";

/**
 * Makes the base layer. apt's lists and the .debs are mounted in, so nothing of them stays and nothing is fetched.
 * The initramfs is made once at the end: the kernel's postinst and initramfs-tools' trigger would make it twice
 * (5 to 10 s each); `INITRD=No` is what the kernel's hook looks at.
 */
export async function bootstrap(job: BootstrapJob, talk: Talk): Promise<Answers["bootstrap"]> {
	await mkdir(job.tree, { recursive: true });
	{
		await using _lists = await bind(job.lists, join(job.tree, "var/lib/apt/lists"));
		await using _archives = await bind(job.archives, join(job.tree, "var/cache/apt/archives"));
		await run(
			mmdebstrapArgs({
				root: job.tree,
				arch: job.arch,
				packages: job.packages,
				aptOptions: { ...job.aptOptions, "APT::Install-Recommends": String(job.recommends) },
			}),
			{
				doing: "making the root filesystem",
				scrub: true,
				env: { ...cleanEnv(job.epoch), INITRD: "No" },
				input: job.sources,
				onLine: packageProgress(talk, job.expected),
			},
		);
	}
	{
		await using _system = await mountSystem(job.tree);
		for (const kernel of await kernels(job.tree)) {
			talk.progress(undefined, `initramfs for ${kernel}`);
			await inTree(job.tree, ["update-initramfs", "-c", "-k", kernel], job.epoch, "making the initramfs", talk);
		}
	}
	leaveOut(job.tree, job.pathExclude);
	await clean(job.tree);
	await clampTimes(job.tree, job.epoch);
	return { installed: 0 };
}

/** Kernel versions in a tree, newest first as `linux-version sort` would have it for our few. */
export async function kernels(root: string): Promise<string[]> {
	const names = await readdir(join(root, "boot"));
	return names
		.filter((name) => name.startsWith("vmlinuz-"))
		.map((name) => name.slice("vmlinuz-".length))
		.toSorted((a, b) => b.localeCompare(a, "en", { numeric: true }));
}
