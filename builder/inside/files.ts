import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { run } from "../../core/process/run.ts";
import { grubCfg } from "../disk/grub.ts";
import { kernels } from "./bootstrap.ts";
import { clean, emptyMachineId } from "./clean.ts";
import { placeContainerImages } from "./container-images.ts";
import { type Installed, installedPackages } from "./installed.ts";
import type { Answers, FilesJob } from "./jobs.ts";
import { inTree, mountStack, mountSystem, noDaemons } from "./mounts.ts";
import type { Talk } from "./talk.ts";
import { clampTimes } from "./times.ts";
import { unpack } from "./unpack.ts";

/** The cheap last layer: our files, units, boot loader, the site's scripts; then nothing secret or shared is left. */
export async function placeFiles(job: FilesJob, talk: Talk): Promise<Answers["files"]> {
	const root = join(job.work, "root");
	let kernel: string;
	let packages: Installed[];
	let placed: string[];
	{
		await using _tree = await mountStack(job.below, root, { tree: job.tree, work: join(job.work, "work") });
		placed = await unpack(job.archive, root);
		{
			await using _system = await mountSystem(root);
			await using _daemons = await noDaemons(root);
			await setUnits(root, job, talk);
			if (placed.some(touchesInitramfs)) {
				await inTree(root, ["update-initramfs", "-u", "-k", "all"], job.epoch, "making the initramfs again", talk);
			}
			await installGrub(root, job, talk);
			placed.push(...(await placeContainerImages(root, job, talk)));
			await runScripts(root, job, talk);
		}
		kernel = (await kernels(root))[0]!;
		packages = await installedPackages(root);
		await stampUpdated(root);
		await copyFile(join(root, "boot", `vmlinuz-${kernel}`), join(job.boot, "vmlinuz"));
		await copyFile(join(root, "boot", `initrd.img-${kernel}`), join(job.boot, "initrd"));
	}
	await clean(job.tree, new Set(placed));
	await emptyMachineId(job.tree);
	await clampTimes(job.tree, job.epoch);
	return { kernel, packages };
}

/** Settings that the initramfs carries a copy of. */
function touchesInitramfs(path: string): boolean {
	return /^\/etc\/(initramfs-tools|modprobe\.d|cryptsetup)\//.test(path);
}

/** A unit to switch off need not exist on this distribution; one to switch on must. */
async function setUnits(root: string, job: FilesJob, talk: Talk): Promise<void> {
	const disable = job.units.disable.filter((unit) => UNIT_DIRS.some((dir) => existsSync(join(root, dir, unit))));
	for (const [verb, units] of [
		["disable", disable],
		["mask", job.units.mask],
		["enable", job.units.enable],
	] as const) {
		if (units.length === 0) continue;
		await inTree(root, ["systemctl", "--quiet", "--no-reload", verb, ...units], job.epoch, `systemctl ${verb}`, talk);
	}
}

const UNIT_DIRS = ["usr/lib/systemd/system", "etc/systemd/system"];

/** GRUB's BIOS core is made by the image's own grub-mkimage: its format belongs to its modules. */
async function installGrub(root: string, job: FilesJob, talk: Talk): Promise<void> {
	const { bios, menu } = job.grub;
	const grub = join(root, "boot/grub");
	await mkdir(grub, { recursive: true });
	if (bios) {
		const dir = join(grub, bios.target);
		await run(["cp", "--archive", join(root, bios.dir), dir], { doing: "copying GRUB's modules" });
		const prefix = "(,gpt4)/boot/grub";
		const out = `/boot/grub/${bios.target}/core.img`;
		const argv = ["grub-mkimage", "-O", bios.target, "-d", bios.dir, "-o", out, "-p", prefix, ...bios.modules];
		await inTree(root, argv, job.epoch, "making GRUB's BIOS image", talk);
	}
	await writeFile(join(grub, "grub.cfg"), grubCfg({ ...menu, kernels: await kernels(root) }));
}

/** The site's scripts: in the tree, as root, without network (the whole namespace has none). */
async function runScripts(root: string, job: FilesJob, talk: Talk): Promise<void> {
	for (const [index, script] of job.scripts.entries()) {
		talk.progress(index / job.scripts.length, basename(script));
		const inside = join("/run", `clusteros-script-${index}`);
		await copyFile(script, join(root, inside));
		await chmod(join(root, inside), 0o755);
		await inTree(
			root,
			[inside],
			job.epoch,
			`running the profile's script ${basename(script)} (in the image, without network)`,
			talk,
		);
	}
}

/** What systemd would otherwise bring up to date at first boot (ldconfig, hwdb, users, catalog) has been done by the packages. */
async function stampUpdated(root: string): Promise<void> {
	for (const dir of ["etc", "var"]) await writeFile(join(root, dir, ".updated"), "");
}
