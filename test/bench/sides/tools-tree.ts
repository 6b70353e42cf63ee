import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../../../core/process/run.ts";
import type { Archive } from "../archive.ts";

/** A Debian 13 tree with mkosi in it, for hosts whose own mkosi is older (Debian 12 has 14) or missing. */

/** mkosi and what it calls for a Debian disk image with GRUB; changed contents need another number in TREE. */
const PACKAGES = [
	"mkosi",
	"apt",
	"bubblewrap",
	"ca-certificates",
	"cpio",
	"debian-archive-keyring",
	"dosfstools",
	"e2fsprogs",
	"grub-common",
	"grub-pc-bin",
	"kmod",
	"mount",
	"mtools",
	"python3",
	"systemd-boot-tools",
	"systemd-container",
	"systemd-repart",
	"systemd-ukify",
	"uidmap",
	"util-linux",
	"xz-utils",
	"zstd",
];
const TREE = "tools-trixie-1";

/** The tree below `dir`, made when it is not there (a minute). Needs root: what mkosi makes has other owners than ours. */
export async function toolsTree(
	dir: string,
	archive: Archive,
	signal: AbortSignal,
	say: (text: string) => void,
): Promise<string> {
	const tree = join(dir, TREE);
	if (existsSync(tree)) return tree;
	say("making a Debian 13 tree with mkosi in it; it is kept for later runs");
	const half = `${tree}.${process.pid}`;
	await mkdir(dir, { recursive: true });
	try {
		const argv = ["mmdebstrap", "--quiet", "--mode=root", "--variant=apt", "--format=directory", ...aptOptions(archive)];
		await run([...argv, "--skip=check/signed-by", `--include=${PACKAGES.join(",")}`, "", half, "-"], {
			doing: "making the tree with mkosi in it",
			input: archive.sources,
			signal,
		});
		await writeFile(join(half, "etc/apt/sources.list"), "");
		await rename(half, tree);
	} finally {
		await rm(half, { recursive: true, force: true });
	}
	return tree;
}

export function aptOptions({ options }: Archive): string[] {
	return Object.entries(options).map(([name, value]) => `--aptopt=${name} "${value}"`);
}

/** argv that runs a program in the tree, with `work` of the host at /project. All of it ends with its first process. */
export function inTree(tree: string, work: string, argv: readonly string[]): string[] {
	const script = fileURLToPath(new URL("../in-tree.sh", import.meta.url));
	const clean = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8"];
	return ["unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", script, tree, work, ...clean, ...argv];
}
