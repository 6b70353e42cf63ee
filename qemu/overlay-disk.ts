import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { UserError } from "../core/errors.ts";
import { run } from "../core/process/run.ts";
import type { Disk } from "./machine.ts";

export interface OverlaySpec {
	/** The image underneath: only read, shared by any number of machines. */
	readonly image: string;
	readonly file: string;
	/** Bytes the guest sees; the image's own size by default, never less. */
	readonly size?: number | undefined;
}

interface ImageInfo {
	readonly format: string;
	readonly "virtual-size": number;
}

/** Makes a small qcow2 that holds what a machine changes. @throws UserError when the image is none or larger than `size`. */
export async function createOverlay(spec: OverlaySpec): Promise<Disk> {
	const image = resolve(spec.image);
	const info = await inspectImage(image);
	const size = spec.size ?? info["virtual-size"];
	if (size < info["virtual-size"]) {
		const message = `a disk of ${size} bytes is too small for ${image}: it needs ${info["virtual-size"]}`;
		throw new UserError("invalid", { message, where: { file: image } });
	}
	const command = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", info.format, "-b", image, spec.file, String(size)];
	await run(command, { doing: `making a disk over ${image}` });
	return { file: spec.file, format: "qcow2" };
}

/** What qemu-img knows of an image. Any file at all is "raw" to it: a raw one must have a boot record to count. */
export async function inspectImage(image: string): Promise<ImageInfo> {
	const problem = (message: string) =>
		new UserError("invalid", {
			message,
			where: { file: image },
			fix: "name a qcow2 or raw disk image, as build-image makes them",
		});
	const start = await readStart(image).catch((error: NodeJS.ErrnoException) => {
		throw problem(error.code === "ENOENT" ? `there is no image ${image}` : `${image} cannot be read: ${error.message}`);
	});
	const { stdout } = await run(["qemu-img", "info", "--output=json", image], { doing: `looking at ${image}` });
	const info = JSON.parse(stdout) as ImageInfo;
	const bootable = start.length === 512 && start.readUInt16LE(510) === 0xaa55;
	if (info.format === "qcow2" || (info.format === "raw" && bootable)) return info;
	throw problem(`${image} is no disk image (${info.format === "raw" ? "it has no boot record" : info.format})`);
}

async function readStart(image: string): Promise<Buffer> {
	await using handle = await open(image);
	const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), { position: 0 });
	return buffer.subarray(0, bytesRead);
}
