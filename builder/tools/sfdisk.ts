/** sfdisk: writes a partition table from a script. */
import type { Partition } from "../disk/layout.ts";

/** argv; the script goes to standard input. */
export function sfdiskArgs(image: string): string[] {
	return ["sfdisk", "--quiet", "--no-reread", "--no-tell-kernel", "--wipe", "never", image];
}

/** The script: sizes in MiB so that it can be used on disks of any sector size. */
export function sfdiskScript(diskUuid: string, partitions: readonly Partition[]): string {
	const lines = partitions.map(
		(p) =>
			`${p.number}: start=${p.start / 1048576}MiB size=${p.size / 1048576}MiB type=${p.type} uuid=${p.uuid} name="${p.name}"`,
	);
	return ["label: gpt", `label-id: ${diskUuid}`, ...lines, ""].join("\n");
}
