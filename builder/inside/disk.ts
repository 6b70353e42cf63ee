import { mkdir, open, readFile, truncate, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { ToolError, UserError } from "../../core/errors.ts";
import { run } from "../../core/process/run.ts";
import { biosBootCode, espGrubCfg } from "../disk/grub.ts";
import { partition } from "../disk/layout.ts";
import { debugfsArgs, dumpe2fsArgs, e2fsClock, fixTimes, mke2fsArgs, usedInodes } from "../tools/mke2fs.ts";
import { sfdiskArgs, sfdiskScript } from "../tools/sfdisk.ts";
import { mcopyArgs, mkfsVfatArgs, mmdArgs } from "../tools/vfat.ts";
import type { Answers, DiskJob } from "./jobs.ts";
import { mountStack } from "./mounts.ts";
import { copySparse } from "./sparse.ts";
import type { Talk } from "./talk.ts";

/** Writes the raw disk: root straight into its place, then the small filesystems, the table and the boot code. */
export async function writeDisk(job: DiskJob, talk: Talk): Promise<Answers["disk"]> {
	await mkdir(job.work, { recursive: true });
	await writeFile(job.image, "");
	await truncate(job.image, job.layout.size);
	const tree = join(job.work, "tree");
	await using _tree = await mountStack(job.below, tree);
	talk.progress(0.1, "root filesystem");
	await Promise.all([writeRoot(job, tree, talk), writeEsp(job, tree, talk), writeSeed(job)]);
	talk.progress(0.9, "partition table");
	await run(sfdiskArgs(job.image), {
		doing: "writing the partition table",
		input: sfdiskScript(job.layout.diskUuid, job.layout.partitions),
	});
	if (job.biosDir) await writeBootCode(job, tree);
	return {};
}

async function writeRoot(job: DiskJob, tree: string, talk: Talk): Promise<void> {
	const root = partition(job.layout, "root");
	const clock = e2fsClock(job.epoch);
	const spec = { image: job.image, offset: root.start, size: root.size, tree, uuid: job.layout.rootFsUuid, label: "root" };
	await run(mke2fsArgs(spec), {
		doing: "making the root filesystem's image",
		env: clock,
		onLine: (line) => talk.log(line),
	}).catch(tooSmall(job));
	const { stdout } = await run(dumpe2fsArgs(job.image, root.start), { doing: "listing inodes" });
	const commands = join(job.work, "debugfs.commands");
	await writeFile(commands, fixTimes(usedInodes(stdout), job.epoch));
	await run(debugfsArgs(job.image, root.start, commands), { doing: "fixing inode times", env: clock });
}

function tooSmall(job: DiskJob): (error: unknown) => never {
	return (error) => {
		const full =
			error instanceof ToolError && error.failure.tail.some((line) => /Could not allocate (block|inode)|too small/i.test(line));
		if (!full) throw error;
		const size = Math.floor(partition(job.layout, "root").size / 1048576);
		throw new UserError("invalid", {
			message: `the root partition (${size} MiB) is too small for the image's content`,
			path: "disk.size",
			fix: `--set disk.size=${Math.ceil(job.layout.size / 1073741824) + 2}GiB`,
		});
	};
}

async function writeEsp(job: DiskJob, tree: string, talk: Talk): Promise<void> {
	const esp = partition(job.layout, "esp");
	const image = join(job.work, "esp.img");
	await writeFile(image, "");
	await truncate(image, esp.size);
	await run(mkfsVfatArgs(image, "ESP", job.layout.espId, "esp"), { doing: "making the EFI system partition" });
	const { efi } = job;
	const config = join(job.work, "grub.cfg");
	await writeFile(config, espGrubCfg(job.layout.rootFsUuid));
	const vendor = `EFI/${efi.vendor}`;
	// mtools dates folders and files with it.
	const env = { SOURCE_DATE_EPOCH: String(job.epoch), TZ: "UTC" };
	await run(mmdArgs(image, ["EFI", "EFI/BOOT", vendor]), { doing: "making folders on the EFI system partition", env });
	const files: [string, string][] = [
		[join(tree, efi.shim), `EFI/BOOT/${efi.removable}`],
		[join(tree, efi.grub), `EFI/BOOT/${efi.grub_name}`],
		[join(tree, efi.mok), `EFI/BOOT/${efi.mok_name}`],
		[join(tree, efi.shim), `${vendor}/${efi.shim_name}`],
		[join(tree, efi.grub), `${vendor}/${efi.grub_name}`],
		[join(tree, efi.mok), `${vendor}/${efi.mok_name}`],
		[config, `${vendor}/grub.cfg`],
	];
	for (const [from, to] of files) {
		await run(mcopyArgs(image, from, to), {
			doing: `copying ${basename(from)} to the EFI system partition`,
			env,
			onLine: (line) => talk.log(line),
		});
	}
	await copySparse(image, job.image, esp.start);
}

async function writeSeed(job: DiskJob): Promise<void> {
	const seed = partition(job.layout, "seed");
	const image = join(job.work, "cidata.img");
	await writeFile(image, "");
	await truncate(image, seed.size);
	await run(mkfsVfatArgs(image, "CIDATA", job.layout.seedId, "seed"), { doing: "making the seed partition" });
	await copySparse(image, job.image, seed.start);
}

async function writeBootCode(job: DiskJob, tree: string): Promise<void> {
	const bios = partition(job.layout, "bios");
	const dir = join(tree, job.biosDir!);
	const { mbr, core } = biosBootCode(await readFile(join(dir, "boot.img")), await readFile(join(dir, "core.img")), bios.start);
	await using disk = await open(job.image, "r+");
	await disk.write(mbr, 0, mbr.length, 0);
	await disk.write(core, 0, core.length, bios.start);
}
