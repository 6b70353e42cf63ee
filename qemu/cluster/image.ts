import { readFile, realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { may } from "../../core/access.ts";
import type { ClusterState } from "../../core/contract/cluster-state.ts";
import { manifest } from "../../core/contract/manifest.ts";
import { UserError } from "../../core/errors.ts";
import { inspectImage } from "../overlay-disk.ts";

/** An image that machines can run. */
export interface Image {
	/** Absolute, without links. */
	readonly file: string;
	/** Size and time: another one means other bytes below the disks. */
	readonly stamp: string;
	/** Bytes a machine sees. */
	readonly size: number;
	/** From the manifest beside it: booted without firmware and boot loader. */
	readonly kernel?: ClusterState["kernel"];
	/** The image's digest as the manifest has it. */
	readonly sha256?: string | undefined;
	/** Whether it has k3s; false when no manifest says so. */
	readonly k3s: boolean;
	/** Whether it has SLURM; true when no manifest says otherwise. */
	readonly slurm: boolean;
}

/** Looks at an image and its manifest. @throws UserError when it is no disk image. */
export async function readImage(path: string): Promise<Image> {
	const info = await inspectImage(path);
	const file = await realpath(path);
	const stamp = await imageStamp(file);
	const found = await readManifest(file);
	const sha256 = found?.artifacts.find((artifact) => join(dirname(file), artifact.file) === file)?.sha256;
	const kernel = found && (await kernelOf(dirname(file), found.kernel));
	const parts = {
		k3s: found?.k3s !== undefined,
		slurm: found?.packages.some(({ name }) => name === "slurmd") ?? true,
	};
	return { file, stamp, size: info["virtual-size"], ...(kernel ? { kernel } : {}), sha256, ...parts };
}

/** Of the file as it is now. */
export async function imageStamp(file: string): Promise<string> {
	const { size, mtimeMs } = await stat(file);
	return `${size}-${Math.floor(mtimeMs)}`;
}

/** @throws UserError when the image below a cluster's disks is not the one they were made over: every read would be wrong. */
export async function mustBeSameImage(state: ClusterState): Promise<void> {
	const now = await imageStamp(state.image).catch(() => undefined);
	if (now !== undefined && (state.stamp === undefined || now === state.stamp)) return;
	throw new UserError("failed", {
		message: `${state.image} ${now === undefined ? "is gone" : "has changed"} since this cluster's disks were made over it`,
		fix: "put that image back; or give the disks up with `clusteros down` and start again with `clusteros up`",
	});
}

async function readManifest(image: string) {
	const file = image.replace(/\.[^./]+$/, ".manifest.json");
	const text = await readFile(file, "utf8").catch(() => "null");
	try {
		return manifest.safeParse(JSON.parse(text)).data;
	} catch {
		return undefined;
	}
}

/** Without both files the firmware starts the disk: slower, nothing else. */
async function kernelOf(dir: string, kernel: { cmdline: string; vmlinuz: { path: string }; initrd: { path: string } }) {
	const files = { vmlinuz: join(dir, kernel.vmlinuz.path), initrd: join(dir, kernel.initrd.path) };
	const there = await Promise.all(Object.values(files).map((file) => may(file)));
	return there.every(Boolean) ? { ...files, cmdline: kernel.cmdline } : undefined;
}
