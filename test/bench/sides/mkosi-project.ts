import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { aptConf } from "../../../builder/apt/conf.ts";
import type { Archive } from "../archive.ts";

/** mkosi's settings for the disk that we make, in the way that costs mkosi least. */
export interface MkosiProject {
	readonly archive: Archive;
	readonly packages: readonly string[];
	/** Paths that dpkg leaves out, as in our image. */
	readonly leaveOut: readonly string[];
	/** Folder with the files that our image has beyond its packages, in their places. */
	readonly extra: string;
	readonly incremental: boolean;
	/** False: with mkosi's own initrd and partitions, as mkosi comes. */
	readonly tuned: boolean;
}

/** Partitions as ours are: fixed sizes, as finding the smallest one makes the filesystem twice. */
const PARTITIONS: Readonly<Record<string, readonly string[]>> = {
	"00-bios": ["Type=21686148-6449-6e6f-744e-656564454649", "SizeMinBytes=1M", "SizeMaxBytes=1M"],
	"10-esp": ["Type=esp", "Format=vfat", "CopyFiles=/boot:/", "CopyFiles=/efi:/", "SizeMinBytes=260M", "SizeMaxBytes=260M"],
	"20-seed": ["Type=linux-generic", "Label=CIDATA", "Format=vfat", "SizeMinBytes=64M", "SizeMaxBytes=64M"],
	"30-root": ["Type=root", "Format=ext4", "CopyFiles=/", "SizeMinBytes=2746M", "SizeMaxBytes=2746M"],
};

/**
 * The initrd is made once, by the image's own initramfs-tools as in our image, before mkosi keeps the tree for later
 * builds; by default mkosi installs a second tree for its initrd and packs all modules anew in every build.
 */
const PREPARE = `#!/bin/sh
set -eu
update-initramfs -c -k all
mkdir -p /initrd
mv /boot/initrd.img-* /initrd/
`;

/** Hands that initrd to mkosi. */
const POSTINST = `#!/bin/sh
set -eu
mkdir -p "$ARTIFACTDIR/io.mkosi.initrd"
mv "$BUILDROOT"/initrd/* "$ARTIFACTDIR/io.mkosi.initrd/"
rmdir "$BUILDROOT/initrd"
`;

/** With GRUB mkosi packs modules into every build whatever KernelModulesInitrd says; that initrd has them already. */
const TUNED = ["KernelModulesInitrdExclude=.*", "PrepareScripts=prepare.chroot", "PostInstallationScripts=postinst"];

function configuration({ archive, packages, incremental, tuned }: MkosiProject): string {
	const sections = {
		Distribution: ["Distribution=debian", `Release=${archive.codename}`, "Architecture=x86-64"],
		Output: ["Format=disk", "ImageId=bench", "OutputDirectory=out", "CompressOutput=no"],
		Content: [
			"Bootable=yes",
			"Bootloader=grub-signed",
			"BiosBootloader=grub",
			"ShimBootloader=signed",
			"UnifiedKernelImages=no",
			"WithRecommends=no",
			"ExtraTrees=extra:/",
			...(tuned ? TUNED : []),
			`Packages=${packages.join("\n         ")}`,
		],
		Build: [
			`Incremental=${incremental ? "yes" : "no"}`,
			"CacheDirectory=cache",
			"PackageCacheDirectory=packages",
			"WorkspaceDirectory=workspace",
			"BuildSources=",
			"SandboxTrees=sandbox",
			"History=no",
		],
	};
	return Object.entries(sections)
		.map(([name, lines]) => `[${name}]\n${lines.join("\n")}\n`)
		.join("\n");
}

/** Writes a project into `dir`; what earlier builds left there is removed. */
export async function writeProject(dir: string, project: MkosiProject): Promise<void> {
	await rm(dir, { recursive: true, force: true });
	const apt = ["apt.conf.d", "keyrings", "sources.list.d"].map((name) => `sandbox/etc/apt/${name}`);
	for (const folder of ["cache", "packages", "workspace", "out", "mkosi.repart", ...apt])
		await mkdir(join(dir, folder), { recursive: true });
	await writeFile(join(dir, "mkosi.conf"), configuration(project));
	for (const [name, lines] of Object.entries(project.tuned ? PARTITIONS : {})) {
		await writeFile(join(dir, `mkosi.repart/${name}.conf`), `[Partition]\n${lines.join("\n")}\n`);
	}
	await writeFile(join(dir, "prepare.chroot"), PREPARE, { mode: 0o755 });
	await writeFile(join(dir, "postinst"), POSTINST, { mode: 0o755 });
	await cp(project.extra, join(dir, "extra"), { recursive: true, preserveTimestamps: true });
	await writeApt(join(dir, "sandbox/etc/apt"), project);
}

/** mkosi takes sources that are there already, and would otherwise ask the default mirrors. */
async function writeApt(dir: string, { archive, leaveOut }: MkosiProject): Promise<void> {
	let { sources } = archive;
	for (const [index, keyring] of archive.keyrings.entries()) {
		const name = `/etc/apt/keyrings/bench-${index}${keyring.endsWith(".asc") ? ".asc" : ".gpg"}`;
		await cp(keyring, join(dir, name.slice("/etc/apt".length)), { dereference: true });
		sources = sources.replaceAll(keyring, name);
	}
	await writeFile(join(dir, "sources.list.d/mkosi.sources"), sources);
	const dpkg = leaveOut.map((path) => aptConf({ "DPkg::Options::": `--path-exclude=${path}` })).join("");
	await writeFile(join(dir, "apt.conf.d/bench"), aptConf(archive.options) + dpkg);
}
