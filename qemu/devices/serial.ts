import type { MachineSpec } from "../machine.ts";
import { optionList } from "./option.ts";

/** ttyS0 into a log file that is appended to; ttyS1, where wanted, as a socket that waits for nobody. */
export function serialArgs(spec: Pick<MachineSpec, "files" | "secondSerial">): string[] {
	const first = `file,${optionList({ id: "serial0", path: spec.files.serial, append: "on" })}`;
	const args = ["-chardev", first, "-serial", "chardev:serial0"];
	if (spec.secondSerial === undefined) return args;
	const second = `socket,${optionList({ id: "serial1", path: spec.secondSerial, server: "on", wait: "off" })}`;
	return [...args, "-chardev", second, "-serial", "chardev:serial1"];
}
