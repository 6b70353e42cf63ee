import type { Disk } from "../machine.ts";
import { optionList } from "./option.ts";

/** One virtio disk; `index` counts from 0 and names it, disk 0 is what the firmware boots. */
export function diskArgs(disk: Disk, index: number): string[] {
	const id = `disk${index}`;
	const drive = optionList({
		if: "none",
		id,
		file: disk.file,
		format: disk.format,
		readonly: disk.readonly ? "on" : undefined,
		snapshot: disk.snapshot ? "on" : undefined,
		cache: disk.unsafe ? "unsafe" : undefined,
		discard: disk.readonly ? undefined : "unmap",
	});
	// Index 0 is taken by QEMU's own loader where it boots a kernel directly.
	const device = optionList({ drive: id, serial: disk.serial, bootindex: index === 0 ? 1 : undefined });
	return ["-drive", drive, "-device", `virtio-blk-pci,${device}`];
}
