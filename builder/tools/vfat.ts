/** dosfstools and mtools: a FAT filesystem in a file, with fixed bytes. */

/**
 * One sector a cluster and 4096-byte sectors keep FAT32 valid on disks of 512 and of 4096 bytes a sector
 * (the ESP of 260 MiB and more); the small seed partition is FAT16 with ordinary sectors, which any system writes.
 */
export function mkfsVfatArgs(image: string, label: string, volumeId: string, kind: "esp" | "seed"): string[] {
	const shape = kind === "esp" ? ["-F", "32", "-S", "4096", "-s", "1"] : ["-F", "16"];
	return ["mkfs.vfat", "--invariant", ...shape, "-i", volumeId, "-n", label, image];
}

/** Makes folders, parents first. */
export function mmdArgs(image: string, folders: readonly string[]): string[] {
	return ["mmd", "-i", image, ...folders.map((folder) => `::${folder}`)];
}

/** Copies one file; without `-m` the file's own time is not taken. */
export function mcopyArgs(image: string, from: string, to: string): string[] {
	return ["mcopy", "-i", image, from, `::${to}`];
}
