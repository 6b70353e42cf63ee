import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ContainerImage } from "../../core/contract/overlay.ts";
import { UserError } from "../../core/errors.ts";
import { readElf } from "../elf.ts";
import { busyboxLayer } from "../oci/busybox.ts";
import { writeDockerArchive } from "../oci/docker-archive.ts";
import { type Layer, writeLayer } from "../oci/layer.ts";
import type { FilesJob } from "./jobs.ts";
import { inTree } from "./mounts.ts";
import type { Talk } from "./talk.ts";

/** Where busybox-static puts it, on Debian and Ubuntu. */
const BUSYBOX = "/usr/bin/busybox";

/** Makes the archives of container images that overlays ask for, in the tree; their paths, absolute in the image. */
export async function placeContainerImages(root: string, job: FilesJob, talk: Talk): Promise<string[]> {
	if (job.containerImages.length === 0) return [];
	talk.progress(undefined, "container images");
	const arch = await mustBeStatic(root, job.containerImages);
	const { stdout } = await inTree(root, [BUSYBOX, "--list"], job.epoch, "listing busybox's applets", talk);
	const entries = busyboxLayer(join(root, BUSYBOX), stdout.split("\n"));
	const layer = await writeLayer(join(job.work, "busybox-layer.tar"), entries, job.epoch);
	const archives = new Set(job.containerImages.map(({ archive }) => archive));
	for (const archive of archives) await writeArchive(root, archive, job, arch, layer);
	return [...archives];
}

async function writeArchive(root: string, archive: string, job: FilesJob, arch: string, layer: Layer): Promise<void> {
	const images = job.containerImages.filter((image) => image.archive === archive);
	const file = join(root, archive);
	await mkdir(dirname(file), { recursive: true });
	await writeDockerArchive(
		file,
		images.map(({ name, command }) => ({ name, arch, command, layers: [layer] })),
		job.epoch,
	);
}

/** The architecture of the tree's busybox: one that needs a loader would end every container at once. */
async function mustBeStatic(root: string, images: readonly ContainerImage[]): Promise<string> {
	const elf = await readElf(join(root, BUSYBOX)).catch(() => undefined);
	if (elf?.isStatic) return elf.arch;
	const what = elf ? `${BUSYBOX} is not the static one` : `the image has no ${BUSYBOX}`;
	const names = images.map(({ name }) => name).join(", ");
	throw new UserError("invalid", {
		message: `${what}, which the container images ${names} are made of`,
		path: "packages",
		fix: 'packages = ["busybox-static"], in the overlay that asks for them',
	});
}
