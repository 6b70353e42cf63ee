/** What the machine is to do: a need belongs to one or both. */
export type Task = "build" | "boot";

/** Something that has to be on this machine: a program, or one of several places of a file. */
export interface Need {
	readonly name: string;
	/** Completes "needed ...". */
	readonly why: string;
	/** Debian's and Ubuntu's package. */
	readonly package: string;
	readonly tasks: readonly Task[];
	/** Root can do without: only the user namespace of an ordinary user wants it. */
	readonly userOnly?: boolean;
	/** Programs by name; all have to be there. */
	readonly programs?: readonly string[];
	/** Any of these files will do. */
	readonly files?: readonly string[];
	/** Prints the version; the first dotted number counts. */
	readonly versionArgs?: readonly string[];
	/** `userOnly`: root does not use what is new in it. */
	readonly minimum?: { readonly version: string; readonly because: string; readonly userOnly?: boolean };
}

const BUILD: readonly Task[] = ["build"];
const BOOT: readonly Task[] = ["boot"];
const BOTH: readonly Task[] = ["build", "boot"];

/** In the order in which a build meets them. */
export const NEEDS: readonly Need[] = [
	{
		name: "apt",
		why: "to look packages up and fetch them",
		package: "apt",
		tasks: BUILD,
		programs: ["apt-get", "apt-cache"],
		versionArgs: ["apt-get", "--version"],
	},
	{
		name: "mmdebstrap",
		why: "to make the base layer",
		package: "mmdebstrap",
		tasks: BUILD,
		programs: ["mmdebstrap"],
		versionArgs: ["mmdebstrap", "--version"],
	},
	{
		name: "dpkg-deb",
		why: "to look into .deb files",
		package: "dpkg",
		tasks: BUILD,
		programs: ["dpkg-deb"],
		versionArgs: ["dpkg-deb", "--version"],
	},
	{
		name: "gpgv",
		why: "to check the archives' signatures",
		package: "gpgv",
		tasks: BUILD,
		programs: ["gpgv"],
		versionArgs: ["gpgv", "--version"],
	},
	{
		name: "unshare, flock",
		why: "to build without touching this machine, and one build at a time",
		package: "util-linux",
		tasks: BUILD,
		programs: ["unshare", "flock"],
		versionArgs: ["unshare", "--version"],
		minimum: { version: "2.38", because: "unshare --map-auto", userOnly: true },
	},
	{
		name: "newuidmap",
		why: "to build as an ordinary user",
		package: "uidmap",
		tasks: BUILD,
		userOnly: true,
		programs: ["newuidmap", "newgidmap"],
	},
	{
		name: "mke2fs, debugfs",
		why: "to make the root filesystem without mounting it",
		package: "e2fsprogs",
		tasks: BUILD,
		programs: ["mke2fs", "debugfs"],
		versionArgs: ["mke2fs", "-V"],
	},
	{
		name: "mkfs.vfat",
		why: "to make the EFI and seed partitions",
		package: "dosfstools",
		tasks: BOTH,
		programs: ["mkfs.vfat"],
		versionArgs: ["mkfs.vfat", "--help"],
	},
	{
		name: "mcopy",
		why: "to fill the EFI and seed partitions without mounting them",
		package: "mtools",
		tasks: BOTH,
		programs: ["mcopy", "mmd"],
		versionArgs: ["mcopy", "--version"],
	},
	{
		name: "sfdisk",
		why: "to write the partition table",
		package: "fdisk",
		tasks: BUILD,
		programs: ["sfdisk"],
		versionArgs: ["sfdisk", "--version"],
	},
	{
		name: "qemu-img",
		why: "to write qcow2",
		package: "qemu-utils",
		tasks: BOTH,
		programs: ["qemu-img"],
		versionArgs: ["qemu-img", "--version"],
		minimum: { version: "5.1", because: "qcow2 with zstd" },
	},
	{
		name: "zstd",
		why: "to compress what the store keeps",
		package: "zstd",
		tasks: BUILD,
		programs: ["zstd"],
		versionArgs: ["zstd", "--version"],
	},
	{
		name: "qemu",
		why: "to run machines",
		package: "qemu-system-x86",
		tasks: BOOT,
		programs: ["qemu-system-x86_64"],
		versionArgs: ["qemu-system-x86_64", "--version"],
		minimum: { version: "7.2", because: "-netdev dgram" },
	},
	{
		name: "OVMF",
		why: "to start machines by UEFI",
		package: "ovmf",
		tasks: BOOT,
		files: ["/usr/share/OVMF/OVMF_CODE_4M.fd"],
	},
	{
		name: "ssh",
		why: "to log in to machines",
		package: "openssh-client",
		tasks: BOOT,
		programs: ["ssh", "ssh-keygen"],
		versionArgs: ["ssh", "-V"],
	},
];

/** What `task` needs, for root or an ordinary user. */
export function needsFor(task: Task, isRoot: boolean): readonly Need[] {
	return NEEDS.filter((need) => need.tasks.includes(task) && !(isRoot && need.userOnly));
}
