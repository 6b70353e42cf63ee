import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { dearmour } from "../../../builder/profile/openpgp.ts";
import type { Component, Placed, Suite } from "./archive.ts";
import { makeDeb, type SmallDeb } from "./small-deb.ts";

/**
 * Packages that only Ubuntu has, in the shape that its own have: names, dependencies, conflicts and paths, with a few
 * bytes in place of the content. `noble` has the release's kernel, `noble-updates` a newer one.
 */
interface StandIn extends SmallDeb {
	readonly suite: Suite;
	readonly component?: Component;
}

/** ABI of the kernel in the release and in its updates. */
export const KERNELS = { noble: "6.8.0-31", "noble-updates": "6.8.0-90" } as const;

/** What lies on the ESP later: content by where the package has it. */
export const EFI_FILES = {
	"/usr/lib/shim/shimx64.efi.signed.latest": "stand-in for Ubuntu's shim\n",
	"/usr/lib/shim/mmx64.efi": "stand-in for Ubuntu's MokManager\n",
	"/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed": "stand-in for Ubuntu's GRUB\n",
} as const;

/** Makes them in `out`. */
export async function makeStandIns(out: string): Promise<Placed[]> {
	const keyring = dearmour(
		await readFile(join(import.meta.dirname, "../../../profiles/bases/keyrings/ubuntu-24.04.asc"), "utf8"),
	);
	const all: StandIn[] = [...kernel("noble"), ...kernel("noble-updates"), ...FIRMWARE, ...BOOT, ubuntuKeyring(keyring)];
	return Promise.all(
		all.map(async ({ suite, component = "main", ...spec }) => ({
			deb: await makeDeb(spec, join(out, suite)),
			suite,
			component,
		})),
	);
}

/** linux-image-generic and what it stands on; the image's hooks run by a trigger, as Ubuntu's do. */
function kernel(suite: "noble" | "noble-updates"): StandIn[] {
	const abi = KERNELS[suite];
	const release = `${abi}-generic`;
	const version = `${abi}.1`;
	const modules = `/lib/modules/${release}`;
	return [
		{
			suite,
			name: "linux-image-generic",
			version,
			fields: {
				Depends: `linux-image-${release}, linux-modules-extra-${release}, linux-firmware, intel-microcode, amd64-microcode`,
			},
		},
		{
			suite,
			name: `linux-image-${release}`,
			version,
			fields: { Depends: `kmod, linux-base (>= 4.5ubuntu1~16.04.1), linux-modules-${release}`, Provides: "linux-image" },
			files: { [`/boot/vmlinuz-${release}`]: `stand-in for Ubuntu's kernel ${release}\n` },
			control: {
				triggers: `interest linux-update-${release}\n`,
				postinst: kernelPostinst(release),
			},
		},
		{
			suite,
			name: `linux-modules-${release}`,
			version,
			files: {
				[`/boot/config-${release}`]: "CONFIG_RD_ZSTD=y\nCONFIG_MODULES=y\n",
				[`/boot/System.map-${release}`]: "",
				[`${modules}/modules.order`]: "",
				[`${modules}/modules.builtin`]: "",
				[`${modules}/modules.builtin.modinfo`]: "",
			},
		},
		{ suite, name: `linux-modules-extra-${release}`, version, fields: { Depends: `linux-modules-${release}` } },
	];
}

function kernelPostinst(release: string): string {
	return `#!/bin/sh
set -e
chmod 600 /boot/vmlinuz-${release}
depmod ${release}
case "$1" in
configure) dpkg-trigger --by-package=linux-image-${release} linux-update-${release} ;;
triggered) run-parts --report --exit-on-error --arg=${release} --arg=/boot/vmlinuz-${release} /etc/kernel/postinst.d ;;
esac
`;
}

const FIRMWARE: readonly StandIn[] = ["linux-firmware", "intel-microcode", "amd64-microcode"].map((name) => ({
	suite: "noble",
	name,
	version: "20240318.1ubuntu1",
}));

/** grub-pc and grub-efi-amd64 conflict, and grub-efi-amd64-signed would take the second where nobody names the first. */
const BOOT: readonly StandIn[] = [
	{ suite: "noble", name: "grub-efi-amd64", version: "2.12-1ubuntu7", fields: { Conflicts: "grub-pc" } },
	{
		suite: "noble",
		name: "grub-efi-amd64-signed",
		version: "1.202+2.12-1ubuntu7",
		fields: { Depends: "grub-efi-amd64 | grub-pc, grub2-common (>= 2.02~beta2-9)" },
		files: {
			"/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed": EFI_FILES["/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed"],
			"/usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed": "stand-in for Ubuntu's GRUB for CDs\n",
		},
	},
	{
		suite: "noble",
		name: "shim-signed",
		version: "1.58+15.8-0ubuntu1",
		fields: { Depends: "grub-efi-amd64-signed, grub2-common (>= 2.02)" },
		files: {
			"/usr/lib/shim/shimx64.efi.signed.latest": EFI_FILES["/usr/lib/shim/shimx64.efi.signed.latest"],
			"/usr/lib/shim/shimx64.efi.signed.previous": "stand-in for the shim before\n",
			"/usr/lib/shim/mmx64.efi": EFI_FILES["/usr/lib/shim/mmx64.efi"],
			"/usr/lib/shim/fbx64.efi": "stand-in for Ubuntu's fallback\n",
		},
	},
];

/** With the keyring that this project ships, so that the image's sources name a file that is there. */
function ubuntuKeyring(keyring: Uint8Array): StandIn {
	return {
		suite: "noble",
		name: "ubuntu-keyring",
		version: "2023.11.28.1",
		fields: { "Multi-Arch": "foreign" },
		files: { "/usr/share/keyrings/ubuntu-archive-keyring.gpg": keyring },
	};
}

/** Enough besides to plan a small profile: what is essential, apt and GRUB's tools, all of them empty. */
export async function makeTinySystem(out: string): Promise<Placed[]> {
	const tiny: StandIn[] = [
		{ suite: "noble", name: "base-files", version: "13ubuntu10", fields: { Essential: "yes" } },
		{ suite: "noble", name: "apt", version: "2.7.14build2", fields: { Depends: "ubuntu-keyring" } },
		...["kmod", "linux-base", "grub2-common"].map((name) => ({ suite: "noble" as const, name, version: "20:1" })),
		{
			suite: "noble",
			name: "grub-pc",
			version: "2.12-1ubuntu7",
			fields: { Conflicts: "grub-efi-amd64", Depends: "grub2-common" },
		},
		{ suite: "noble", component: "universe", name: "tool", version: "1.0" },
		{ suite: "noble-security", component: "universe", name: "tool", version: "1.0ubuntu0.1" },
		{ suite: "noble", component: "universe", name: "rival", version: "1.0", fields: { Conflicts: "tool" } },
		{ suite: "noble", component: "universe", name: "orphan", version: "1.0", fields: { Depends: "not-there (>= 2)" } },
	];
	const made = tiny.map(async ({ suite, component = "main", ...spec }) => ({
		deb: await makeDeb(spec, join(out, suite)),
		suite,
		component,
	}));
	return [...(await makeStandIns(out)), ...(await Promise.all(made))];
}
