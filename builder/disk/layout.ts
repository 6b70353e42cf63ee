import type { Base, BaseArchitecture } from "../../core/contract/base.ts";
import type { Profile } from "../../core/contract/profile.ts";
import { UserError } from "../../core/errors.ts";
import { idFrom } from "./ids.ts";

const MIB = 1024 * 1024;

/** One partition; start and size in bytes, both whole MiB so that 512 and 4096-byte sectors fit. */
export interface Partition {
	readonly number: number;
	readonly role: "bios" | "esp" | "seed" | "root";
	readonly name: string;
	readonly type: string;
	readonly uuid: string;
	readonly start: number;
	readonly size: number;
}

/** A disk as data. `fsUuid`, `espId` and `seedId` name the filesystems. */
export interface DiskLayout {
	readonly size: number;
	readonly diskUuid: string;
	readonly partitions: readonly Partition[];
	readonly rootFsUuid: string;
	readonly espId: string;
	readonly seedId: string;
}

/** Bytes of a size such as 512MiB or 4GiB. */
export function parseSize(text: string): number {
	const [, number, unit] = /^(\d+)(MiB|GiB)$/.exec(text)!;
	return Number(number) * (unit === "GiB" ? 1024 * MIB : MIB);
}

/** FAT volume ids as Linux shows them (`UUID=1234-ABCD`). */
export function fatUuid(volumeId: string): string {
	return `${volumeId.slice(0, 4)}-${volumeId.slice(4)}`.toUpperCase();
}

/**
 * BIOS boot, ESP, CIDATA, root: root last, so that it can grow. All ids come from the image's name:
 * the same image has the same ids on every build.
 * @throws UserError when the partitions do not leave root at least 256 MiB.
 */
export function layoutOf(name: string, disk: Profile["disk"], arch: BaseArchitecture): DiskLayout {
	const size = parseSize(disk.size);
	const planned = [
		{ role: "bios", name: "bios", type: "21686148-6449-6E6F-744E-656564454649", size: MIB },
		{ role: "esp", name: "esp", type: "C12A7328-F81F-11D2-BA4B-00A0C93EC93B", size: parseSize(disk.esp) },
		{ role: "seed", name: "cidata", type: "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7", size: parseSize(disk.seed) },
	] as const;
	const before = planned.reduce((sum, p) => sum + p.size, MIB);
	// One MiB stays free behind root for the backup partition table.
	const rootSize = size - before - MIB;
	if (rootSize < 256 * MIB) {
		throw new UserError("invalid", {
			message: `disk.size ${disk.size} leaves no room for root: the other partitions take ${Math.ceil(before / MIB)} MiB`,
			path: "disk.size",
			fix: "--set disk.size=3GiB",
		});
	}
	let start = MIB;
	const partitions = [...planned, { role: "root", name: "root", type: arch.root_type, size: rootSize } as const].map(
		(p, index) => {
			const placed = { number: index + 1, ...p, uuid: idFrom(name, `partition/${p.name}`), start };
			start += p.size;
			return placed;
		},
	);
	return {
		size,
		diskUuid: idFrom(name, "disk"),
		partitions,
		rootFsUuid: idFrom(name, "root"),
		espId: idFrom(name, "esp").slice(0, 8),
		seedId: idFrom(name, "cidata").slice(0, 8),
	};
}

/** The partition with a role. */
export function partition(layout: DiskLayout, role: Partition["role"]): Partition {
	return layout.partitions.find((p) => p.role === role)!;
}

/** Name of an image's files: `<profile>-<base>-<arch>`. */
export function imageName(profile: Profile, base: Base, arch: string): string {
	return `${profile.name}-${base.name}-${arch}`;
}
