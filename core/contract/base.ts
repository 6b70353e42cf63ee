import * as z from "zod";
import { formatVersion } from "./version.ts";

/** A base (`profiles/bases/*.toml`): all that differs between distributions, and by architecture within one. */

const pocket = z.strictObject({
	suite: z.string().describe("Suite, such as noble-updates."),
	archive: z.string().describe("Which entry of apt.archives serves it."),
});

const architecture = z.strictObject({
	kernels: z.record(z.string(), z.array(z.string()).min(1)).describe("Kernel packages by flavour."),
	boot_packages: z.array(z.string()).describe("Packages that bring the boot loaders."),
	grub_bios: z
		.strictObject({
			target: z.string().describe("GRUB's name of the target, such as i386-pc."),
			dir: z.string().describe("Where its modules lie in the tree."),
		})
		.optional()
		.describe("GRUB's BIOS target and where its modules lie in the tree."),
	efi: z.strictObject({
		vendor: z.string().describe("Folder below EFI/ that the signed GRUB has built in as its prefix."),
		removable: z.string().describe("File name on the removable path, such as BOOTX64.EFI."),
		shim: z.string().describe("Signed shim in the tree."),
		shim_name: z.string().describe("Its name in the vendor folder."),
		grub: z.string().describe("Signed GRUB in the tree."),
		grub_name: z.string().describe("Its name on the ESP: shim looks for exactly this."),
		mok: z.string().describe("Signed MokManager in the tree."),
		mok_name: z.string().describe("Its name on the ESP."),
	}),
	root_type: z.string().describe("GPT type of the root partition."),
});

export const baseFile = z.strictObject({
	version: formatVersion,
	name: z.string().describe("Name as given to --base."),
	description: z.string().describe("One line for people."),
	distribution: z.string().describe("ID of /etc/os-release: host apt sources of this family are used."),
	codename: z.string().describe("Release code name."),
	apt: z.strictObject({
		components: z.array(z.string()).min(1).describe("Archive components in use."),
		pockets: z.array(pocket).min(1).describe("Suites in use, and which archive serves each."),
		archives: z
			.record(
				z.string(),
				z.strictObject({
					uri: z.string().optional().describe("Public address of the archive."),
					default_suite: z.string().optional().describe("Suite to ask the host's sources or mmdebstrap for."),
					mirrored_with: z.string().optional().describe("Archive whose --mirror serves this one too."),
				}),
			)
			.describe("Archives: a public address, or none: then the host's own sources or mmdebstrap's default for default_suite."),
		keyring: z.strictObject({
			host: z.string().describe("Keyring of the host's package, taken when present."),
			copy: z.string().describe("Our copy, beside this file."),
			fingerprints: z
				.array(z.string().regex(/^[0-9A-F]{40}$/))
				.min(1)
				.describe("Primary keys that the keyring must hold."),
		}),
		options: z
			.record(z.string(), z.string())
			.default({})
			.describe("apt options that this distribution needs for the same answer everywhere."),
	}),
	packages: z.array(z.string()).default([]).describe("Packages that only this distribution needs."),
	rename: z
		.record(z.string(), z.array(z.string()))
		.default({})
		.describe("Our package name to this distribution's; an empty list leaves it out."),
	units: z
		.strictObject({
			enable: z.array(z.string()).default([]).describe("Units started at boot."),
			disable: z.array(z.string()).default([]).describe("Units that are installed but not started at boot."),
			mask: z.array(z.string()).default([]).describe("Units that must never start; they need not exist."),
		})
		.prefault({})
		.describe("Units that exist only here."),
	arch: z.record(z.string(), architecture).describe("What differs by architecture (Debian's names: amd64, arm64)."),
});

export type Base = z.output<typeof baseFile>;
export type BaseArchitecture = z.output<typeof architecture>;
