import { constants } from "node:fs/promises";
import { may } from "../../core/access.ts";
import { UserError } from "../../core/errors.ts";
import { type Acceleration, probeAcceleration } from "../../qemu/accel.ts";

const DEVICE = "/dev/kvm";

/** How guests are to run. @throws UserError (host) when KVM is asked for and guests do not run under it: never another way then. */
export async function chooseAcceleration(asked: "auto" | "kvm" | "tcg", cacheDir: string): Promise<Acceleration> {
	if (asked === "tcg") return { accel: "tcg", reason: "asked for" };
	const found = await probeAcceleration({ cacheDir });
	if (asked === "auto" || found.accel === "kvm") return found;
	const short = found.reason.replace(/: sudo usermod.*$/, "");
	throw new UserError("host", { message: `--accel kvm: ${short}`, fix: await kvmFix() });
}

/** What makes KVM usable: it is not there, it is forbidden, or it does not work. */
async function kvmFix(): Promise<string> {
	if (!(await may(DEVICE))) {
		return "switch virtualisation on in the firmware (in a virtual machine: nested virtualisation), then: sudo modprobe kvm_intel || sudo modprobe kvm_amd";
	}
	if (await may(DEVICE, constants.R_OK | constants.W_OK)) return "use --accel tcg, or --accel auto, which does so by itself";
	return [
		"for you:        sudo usermod -aG kvm $USER, then log in again",
		`for everybody:  echo 'KERNEL=="kvm", GROUP="kvm", MODE="0666", OPTIONS+="static_node=kvm"' | sudo tee /etc/udev/rules.d/99-kvm.rules`,
		"                sudo udevadm control --reload-rules && sudo udevadm trigger --name-match=kvm",
	].join("\n");
}
