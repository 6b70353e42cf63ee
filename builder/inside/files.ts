import { existsSync } from "node:fs";
import { chmod, copyFile, cp, lstat, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { UserError } from "../../core/errors.ts";
import { run } from "../../core/process/run.ts";
import { grubCfg } from "../disk/grub.ts";
import { kernels } from "./bootstrap.ts";
import { clean, emptyMachineId } from "./clean.ts";
import type { Answers, FilesJob, PlacedFile } from "./jobs.ts";
import { inTree, mountStack, mountSystem, noDaemons } from "./mounts.ts";
import type { Talk } from "./talk.ts";
import { clampTimes } from "./times.ts";

/** The cheap last layer: our files, units, boot loader, the site's scripts; then nothing secret or shared is left. */
export async function placeFiles(job: FilesJob, talk: Talk): Promise<Answers["files"]> {
	const root = join(job.work, "root");
	let kernel: string;
	{
		await using _tree = await mountStack(job.below, root, { tree: job.tree, work: join(job.work, "work") });
		await placeAll(root, job.files);
		{
			await using _system = await mountSystem(root);
			await using _daemons = await noDaemons(root);
			await setUnits(root, job, talk);
			if (job.files.some((file) => touchesInitramfs(file.path))) {
				await inTree(root, ["update-initramfs", "-u", "-k", "all"], job.epoch, "making the initramfs again", talk);
			}
			await installGrub(root, job, talk);
			await runScripts(root, job, talk);
		}
		kernel = (await kernels(root))[0]!;
		await stampUpdated(root);
		await copyFile(join(root, "boot", `vmlinuz-${kernel}`), join(job.boot, "vmlinuz"));
		await copyFile(join(root, "boot", `initrd.img-${kernel}`), join(job.boot, "initrd"));
	}
	await clean(job.tree, new Set(job.files.map(({ path }) => path)));
	await emptyMachineId(job.tree);
	await clampTimes(job.tree, job.epoch);
	return { kernel };
}

/** Settings that the initramfs carries a copy of. */
function touchesInitramfs(path: string): boolean {
	return /^\/etc\/(initramfs-tools|modprobe\.d|cryptsetup)\//.test(path);
}

type Ids = ReadonlyMap<string, number>;

async function placeAll(root: string, files: readonly PlacedFile[]): Promise<void> {
	const users = await ids(join(root, "etc/passwd"));
	const groups = await ids(join(root, "etc/group"));
	// A file that has to go is one of a lower layer: overlayfs writes the whiteout.
	for (const file of files) await place(root, file, users, groups);
}

async function ids(file: string): Promise<Ids> {
	const lines = (await readFile(file, "utf8")).split("\n").filter(Boolean);
	return new Map(lines.map((line) => line.split(":")).map(([name, , id]) => [name!, Number(id)]));
}

async function place(root: string, file: PlacedFile, users: Ids, groups: Ids): Promise<void> {
	const to = join(root, file.path);
	await mkdir(dirname(to), { recursive: true });
	if (await isFolder(to)) {
		throw new UserError("invalid", { message: `${file.path} is a folder in the image; an overlay cannot put a file there` });
	}
	await rm(to, { force: true });
	if (file.target !== undefined) {
		await symlink(file.target, to);
		return;
	}
	await copyFile(file.from!, to);
	await run(["chown", `${idOf(users, file.owner, file, "user")}:${idOf(groups, file.group, file, "group")}`, to], {
		doing: `setting the owner of ${file.path}`,
	});
	await chmod(to, file.mode);
}

async function isFolder(path: string): Promise<boolean> {
	return lstat(path).then(
		(stat) => stat.isDirectory(),
		() => false,
	);
}

function idOf(known: Ids, name: string, file: PlacedFile, what: string): number {
	const id = /^\d+$/.test(name) ? Number(name) : known.get(name);
	if (id !== undefined) return id;
	throw new UserError("invalid", {
		message: `${file.path}: there is no ${what} "${name}" in the image`,
		fix: `name one that a package of the profile makes, or a number`,
	});
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
		await cp(join(root, bios.dir), dir, { recursive: true, preserveTimestamps: true });
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
