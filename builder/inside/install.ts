import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../core/process/run.ts";
import { aptConf } from "../apt/conf.ts";
import { clean } from "./clean.ts";
import { cleanEnv } from "./env.ts";
import type { Answers, InstallJob } from "./jobs.ts";
import { leaveOut } from "./leave-out.ts";
import { bind, mountStack, mountSystem, noDaemons } from "./mounts.ts";
import { packageProgress, type Talk } from "./talk.ts";
import { clampTimes } from "./times.ts";

/** Adds packages on top of the layers below; apt runs outside the tree and calls the tree's dpkg, as mmdebstrap does. */
export async function install(job: InstallJob, talk: Talk): Promise<Answers["install"]> {
	const root = join(job.work, "root");
	{
		await using _tree = await mountStack(job.below, root, { tree: job.tree, work: join(job.work, "work") });
		await using _system = await mountSystem(root);
		await using _daemons = await noDaemons(root);
		const archives = join(root, "var/cache/apt/archives");
		await mkdir(join(job.archives, "partial"), { recursive: true });
		await using _archives = await bind(job.archives, archives);
		const world = await mkdtemp(join(job.work, "apt-"));
		for (const dir of ["sources.list.d", "preferences.d", "apt.conf.d"]) await mkdir(join(world, dir));
		await writeFile(join(world, "sources.list.d/build.sources"), job.sources);
		await writeFile(
			join(world, "apt.conf"),
			aptConf({
				...job.aptOptions,
				Dir: root,
				"Dir::Etc": world,
				"Dir::Etc::sourcelist": "/dev/null",
				"Dir::State::lists": job.lists,
				"Dir::State::status": join(root, "var/lib/dpkg/status"),
				"Dir::Cache::archives": archives,
				"DPkg::Chroot-Directory": root,
				"DPkg::Use-Pty": "false",
				"DPkg::Options::": "--force-unsafe-io",
				"APT::Sandbox::User": "root",
				"APT::Architecture": job.arch,
				"APT::Install-Recommends": String(job.recommends),
			}),
		);
		const debs = job.debs.map((name) => join(archives, name));
		await run(["apt-get", "--yes", "--no-remove", "install", ...job.packages, ...debs], {
			doing: "installing packages",
			scrub: true,
			env: { ...cleanEnv(job.epoch), APT_CONFIG: join(world, "apt.conf") },
			onLine: packageProgress(talk, job.expected),
		});
	}
	leaveOut(job.tree, job.pathExclude);
	await clean(job.tree);
	await clampTimes(job.tree, job.epoch);
	return {};
}
