import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, constants, copyFile, mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { UserError } from "../../core/errors.ts";
import type { Answers, ProgramsJob } from "./jobs.ts";
import { mountStack } from "./mounts.ts";
import type { Talk } from "./talk.ts";
import { clampTimes } from "./times.ts";

/**
 * Puts large files into a layer of their own; all belong to root.
 * @throws UserError when one is no longer what it was when it was looked at.
 */
export async function placePrograms(job: ProgramsJob, talk: Talk): Promise<Answers["programs"]> {
	const root = join(job.work, "root");
	{
		await using _tree = await mountStack(job.below, root, { tree: job.tree, work: join(job.work, "work") });
		for (const [index, program] of job.programs.entries()) {
			talk.progress(index / job.programs.length, basename(program.path));
			await place(root, program);
		}
	}
	await clampTimes(job.tree, job.epoch);
	return {};
}

async function place(root: string, { from, path, mode, sha256 }: ProgramsJob["programs"][number]): Promise<void> {
	const to = join(root, path);
	await mkdir(dirname(to), { recursive: true });
	await copyFile(from, to, constants.COPYFILE_FICLONE);
	await chmod(to, mode);
	const hash = createHash("sha256");
	await pipeline(createReadStream(to, { highWaterMark: 1024 * 1024 }), hash);
	const found = hash.digest("hex");
	if (found === sha256) return;
	throw new UserError("failed", {
		message: `${from} changed while it was used: its SHA-256 was ${sha256} and is ${found}`,
		fix: "the same command again, once nothing writes to it",
	});
}
