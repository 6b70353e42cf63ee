/** GRUB's own files, as text and bytes. */

export interface GrubMenu {
	readonly rootUuid: string;
	/** Kernel versions, newest first. */
	readonly kernels: readonly string[];
	readonly cmdline: string;
	readonly serial: { readonly unit: number; readonly speed: number };
	readonly title: string;
}

/** The kernel command line of every boot: both consoles, the serial one last so that it is /dev/console. */
export function kernelCmdline(spec: {
	readonly rootUuid: string;
	readonly serial: string;
	readonly speed: number;
	readonly args: readonly string[];
}): string {
	return [`root=UUID=${spec.rootUuid}`, "ro", "console=tty0", `console=${spec.serial},${spec.speed}`, ...spec.args].join(" ");
}

/** `/boot/grub/grub.cfg`: no wait, but a key press or a failed boot shows the menu; the same on BIOS and UEFI. */
export function grubCfg(menu: GrubMenu): string {
	const entry = (kernel: string, title: string, more: string) =>
		[
			`menuentry '${title}' {`,
			`	linux /boot/vmlinuz-${kernel} ${menu.cmdline}${more}`,
			`	initrd /boot/initrd.img-${kernel}`,
			"}",
		].join("\n");
	const entries = menu.kernels.flatMap((kernel) => [
		entry(kernel, `${menu.title}, Linux ${kernel}`, ""),
		entry(kernel, `${menu.title}, Linux ${kernel} (rescue)`, " systemd.unit=rescue.target"),
	]);
	return [
		"# Written by the image build; update-grub on the machine replaces it (see /etc/default/grub).",
		`search --no-floppy --fs-uuid --set=root ${menu.rootUuid}`,
		`serial --unit=${menu.serial.unit} --speed=${menu.serial.speed}`,
		"terminal_input serial console",
		"terminal_output serial console",
		"set timeout_style=hidden",
		"set timeout=1",
		"set default=0",
		...entries,
		"",
	].join("\n");
}

/** `EFI/<vendor>/grub.cfg`: hands over to the menu on root. */
export function espGrubCfg(rootUuid: string): string {
	return [`search.fs_uuid ${rootUuid} root`, "set prefix=($root)/boot/grub", "configfile $prefix/grub.cfg", ""].join("\n");
}

/** Modules that BIOS GRUB needs before it can read root. */
export const BIOS_MODULES = [
	"biosdisk",
	"part_gpt",
	"ext2",
	"search",
	"search_fs_uuid",
	"normal",
	"linux",
	"configfile",
	"echo",
	"serial",
	"terminal",
];

const SECTOR = 512;

/**
 * BIOS boot code for a GPT disk: `boot.img` into the first 440 bytes with the sector of `core.img` at 0x5C,
 * `core.img` into the BIOS boot partition with the sector of its own rest at 0x1F4 (GRUB 2.12, boot.S and diskboot.S).
 */
export function biosBootCode(bootImg: Uint8Array, coreImg: Uint8Array, start: number): { mbr: Uint8Array; core: Uint8Array } {
	const sector = BigInt(start / SECTOR);
	const mbr = Buffer.from(bootImg.slice(0, 440));
	mbr.writeBigUInt64LE(sector, 0x5c);
	const core = Buffer.from(coreImg);
	core.writeBigUInt64LE(sector + 1n, 0x1f4);
	return { mbr, core };
}
