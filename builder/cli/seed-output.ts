import { rename, rm } from "node:fs/promises";
import type { SeedFiles } from "../../cloud-init/seed.ts";
import { writeSeedFolder } from "../../cloud-init/volume/folder.ts";
import { writeSeedIntoImage } from "../../cloud-init/volume/image.ts";
import { ISO_WRITERS, writeSeedIso } from "../../cloud-init/volume/iso.ts";
import { UserError } from "../../core/errors.ts";
import { toolPath } from "../../core/process/run.ts";
import { createSeedDisk } from "../../qemu/seed-disk.ts";
import { find } from "../preflight/find.ts";
import { installLine } from "../preflight/install.ts";

/** Where a seed goes, and as what. */
export interface SeedOutput {
	readonly kind: "folder" | "iso" | "fat" | "image";
	readonly path: string;
}

/** What `--out` asks for; `%n` becomes the node's name. */
export function outputOf(out: string, node: string | undefined): SeedOutput {
	const path = node === undefined ? out : out.replaceAll("%n", node);
	if (path.endsWith(".iso")) return { kind: "iso", path };
	if (path.endsWith(".img")) return { kind: "fat", path };
	const [, suffix] = /\.(qcow2|raw|vfat|fat|cdr|bin)$/.exec(path) ?? [];
	if (suffix === undefined) return { kind: "folder", path };
	const fix = suffix === "raw" || suffix === "qcow2" ? `for a disk image: --into ${path}` : "NAME.iso, NAME.img, or a folder";
	throw new UserError("usage", { message: `a seed cannot be written as .${suffix}`, fix });
}

/** Writes a seed. @throws UserError (host) when a program is missing. */
export async function writeSeed({ kind, path }: SeedOutput, files: SeedFiles): Promise<void> {
	switch (kind) {
		case "folder":
			await writeSeedFolder(path, files);
			return;
		case "iso":
			return writeSeedIso(path, files, isoWriter());
		case "fat":
			mustHave("mkfs.vfat", "dosfstools");
			mustHave("mcopy", "mtools");
			return writeFat(path, files);
		case "image":
			mustHave("sfdisk", "fdisk");
			mustHave("mcopy", "mtools");
			return writeSeedIntoImage(path, files);
	}
}

async function writeFat(path: string, files: SeedFiles): Promise<void> {
	const half = `${path}.${process.pid}.new`;
	try {
		await createSeedDisk(half, { ...files });
		await rename(half, path);
	} finally {
		await rm(half, { force: true });
	}
}

function isoWriter(): (typeof ISO_WRITERS)[number] {
	const found = ISO_WRITERS.find((program) => find(program, toolPath()) !== undefined);
	if (found) return found;
	const fix = `${installLine(["xorriso"], process.getuid?.() === 0)}\nor make a FAT volume: --out NAME.img`;
	throw new UserError("host", { message: `an ISO takes ${ISO_WRITERS.join(" or ")}, and neither is here`, fix });
}

function mustHave(program: string, debianPackage: string): void {
	if (find(program, toolPath()) !== undefined) return;
	const fix = installLine([debianPackage], process.getuid?.() === 0);
	throw new UserError("host", { message: `${program} is missing; a seed on a FAT volume takes it`, fix });
}
