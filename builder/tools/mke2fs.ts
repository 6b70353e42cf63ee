/** mke2fs and debugfs: an ext4 filesystem at an offset of a larger file, with the same bytes for the same tree. */

export interface Ext4Spec {
	/** Image file, and the filesystem's place in it in bytes. */
	readonly image: string;
	readonly offset: number;
	readonly size: number;
	readonly tree: string;
	readonly uuid: string;
	readonly label: string;
}

/**
 * `hash_seed` and the UUID are the only random parts; times come from E2FSPROGS_FAKE_TIME.
 * `lazy_itable_init=1` leaves unused inode tables as holes, `nodiscard` skips a pass over the file.
 */
export function mke2fsArgs(spec: Ext4Spec): string[] {
	const extended = [`hash_seed=${spec.uuid}`, "lazy_itable_init=1", "nodiscard", `offset=${spec.offset}`].join(",");
	const size = `${Math.floor(spec.size / 1024)}k`;
	return [
		"mke2fs",
		"-q",
		"-F",
		"-t",
		"ext4",
		"-b",
		"4096",
		"-U",
		spec.uuid,
		"-L",
		spec.label,
		"-E",
		extended,
		"-d",
		spec.tree,
		spec.image,
		size,
	];
}

/** Environment that fixes the clock of mke2fs and debugfs. Not SOURCE_DATE_EPOCH: the two give different images. */
export function e2fsClock(epoch: number): Record<string, string> {
	return { E2FSPROGS_FAKE_TIME: String(epoch) };
}

/** Lists groups with their free inodes. */
export function dumpe2fsArgs(image: string, offset: number): string[] {
	return ["dumpe2fs", `${image}?offset=${offset}`];
}

/** Runs a file of debugfs commands, writing. */
export function debugfsArgs(image: string, offset: number, commands: string): string[] {
	return ["debugfs", "-w", "-f", commands, `${image}?offset=${offset}`];
}

/**
 * Inode numbers in use, from dumpe2fs' listing ("Inodes per group", "Free inodes: 12-20, 25").
 * The ones below 11 are reserved but for the root directory (2).
 */
export function usedInodes(dumpe2fs: string): number[] {
	const count = Number(/^Inode count:\s+(\d+)/m.exec(dumpe2fs)?.[1]);
	const free = new Set<number>();
	for (const [, ranges] of dumpe2fs.matchAll(/^ {2}Free inodes: (.*)$/gm)) {
		for (const range of ranges!.split(", ").filter(Boolean)) {
			const [from, to] = range.split("-").map(Number);
			for (let inode = from!; inode <= (to ?? from!); inode++) free.add(inode);
		}
	}
	return Array.from({ length: count }, (_, i) => i + 1).filter((inode) => (inode === 2 || inode >= 11) && !free.has(inode));
}

/** debugfs commands that set access and change time of every inode: `mke2fs -d` copies those of the source folder. */
export function fixTimes(inodes: readonly number[], epoch: number): string {
	return inodes.flatMap((inode) => [`sif <${inode}> atime @${epoch}`, `sif <${inode}> ctime @${epoch}`]).join("\n");
}
