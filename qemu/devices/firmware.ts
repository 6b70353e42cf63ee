import { kernelCommandLine } from "../emulation.ts";
import type { Firmware, MachineSpec } from "../machine.ts";
import { optionList } from "./option.ts";

/** Code (shared, read-only) and the variables a new machine starts with. */
export interface FirmwareFiles {
	readonly code: string;
	readonly vars: string;
}

const OVMF = "/usr/share/OVMF";

/** OVMF's files as Debian's and Ubuntu's package `ovmf` lays them out; undefined where QEMU brings its own firmware. */
export function firmwareFiles(firmware: Firmware): FirmwareFiles | undefined {
	if (firmware === "uefi") return { code: `${OVMF}/OVMF_CODE_4M.fd`, vars: `${OVMF}/OVMF_VARS_4M.fd` };
	if (firmware === "secureboot") return { code: `${OVMF}/OVMF_CODE_4M.secboot.fd`, vars: `${OVMF}/OVMF_VARS_4M.ms.fd` };
	return undefined;
}

/** Board and firmware, or the kernel that takes their place. */
export function firmwareArgs(spec: Pick<MachineSpec, "firmware" | "accel" | "files">): string[] {
	const { firmware, accel, files } = spec;
	if (typeof firmware === "object") {
		const { kernel, initrd, append } = firmware;
		return ["-machine", "q35", "-kernel", kernel, "-initrd", initrd, "-append", kernelCommandLine(append, accel)];
	}
	if (firmware === "bios") return ["-machine", "q35"];
	const secure = firmware === "secureboot";
	return [
		...(secure ? secureBoard : ["-machine", "q35"]),
		"-drive",
		optionList({ if: "pflash", unit: 0, format: "raw", readonly: "on", file: firmwareFiles(firmware)!.code }),
		"-drive",
		optionList({ if: "pflash", unit: 1, format: "raw", file: files.vars }),
	];
}

/** Variables that only code in system management mode may write, else a guest could enrol keys; S3 would be a way round it. */
const secureBoard = [
	"-machine",
	"q35,smm=on",
	"-global",
	"driver=cfi.pflash01,property=secure,value=on",
	"-global",
	"ICH9-LPC.disable_s3=1",
];
