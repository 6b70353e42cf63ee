import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { inside } from "../../../builder/namespace/enter.ts";
import { dumpe2fsArgs, usedInodes } from "../../../builder/tools/mke2fs.ts";
import type { Manifest } from "../../../core/contract/manifest.ts";
import { run } from "../../../core/process/run.ts";
import { asOwner } from "./room.ts";

/** A finished image, opened without mounting it: its own bytes, not the store's trees. */
export interface OpenImage {
	/** The disk, as a machine would see it. */
	readonly raw: string;
	/** `raw` with the place of a partition, as e2fsprogs (`?offset=`) and mtools (`@@`) write it. */
	readonly root: string;
	readonly esp: string;
	readonly seed: string;
	/** Files of the root filesystem, taken out by debugfs: content, modes but setuid, owners. Look at them through `here`. */
	readonly tree: string;
	/** Runs a host program in `tree` as the owner of everything in it; its standard output. */
	here(...argv: string[]): Promise<string>;
	/** Runs a program of the image in its tree, on a throw-away copy. */
	ask(...argv: string[]): Promise<{ readonly stdout: string; readonly stderr: string; readonly exitCode: number }>;
	/** What debugfs says of a path or of `<inode>`. */
	debugfs(...requests: string[]): Promise<string>;
}

/** Unpacks an image into `dir`. */
export async function openImage(qcow2: string, manifest: Manifest, dir: string): Promise<OpenImage> {
	const raw = join(dir, "disk.raw");
	await run(["qemu-img", "convert", "-O", "raw", qcow2, raw], { doing: "unpacking the image" });
	const start = (name: string) => manifest.partitions.find((partition) => partition.name === name)!.start;
	const root = `${raw}?offset=${start("root")}`;
	// Two levels, as the layers of a store lie.
	const tree = join(dir, "image/tree");
	await mkdir(tree, { recursive: true });
	await asOwner(["debugfs", "-R", `rdump / ${tree}`, root]);
	const debugfs = async (...requests: string[]) =>
		(await run(["debugfs", "-f", "-", root], { doing: "reading the image", input: requests.join("\n") })).stdout;
	return {
		raw,
		root,
		esp: `${raw}@@${start("esp")}`,
		seed: `${raw}@@${start("cidata")}`,
		tree,
		here: (...argv) => asOwner(["env", "--chdir", tree, ...argv]),
		ask: (...argv) => inside<"ask">({ kind: "ask", below: [tree], work: join(dir, "ask"), argv }),
		debugfs,
	};
}

/** One file as the filesystem has it. Times are seconds since 1970. */
export interface Inode {
	readonly number: number;
	readonly mode: number;
	readonly times: Readonly<Record<"atime" | "ctime" | "mtime" | "crtime", number>>;
}

/** Every inode in use, read from the image itself. */
export async function inodes(image: OpenImage): Promise<Inode[]> {
	const [file, offset] = image.root.split("?offset=") as [string, string];
	const { stdout } = await run(dumpe2fsArgs(file, Number(offset)), { doing: "listing inodes" });
	const said = await image.debugfs(...usedInodes(stdout).map((number) => `stat <${number}>`));
	return said
		.split(/^Inode: /m)
		.slice(1)
		.map(inode);
}

function inode(text: string): Inode {
	const time = (name: string) => Number.parseInt(new RegExp(`^ *${name}: 0x([0-9a-f]{8})`, "m").exec(text)![1]!, 16);
	return {
		number: Number.parseInt(text, 10),
		mode: Number.parseInt(/Mode: +(\d+)/.exec(text)![1]!, 8),
		times: { atime: time("atime"), ctime: time("ctime"), mtime: time("mtime"), crtime: time("crtime") },
	};
}
