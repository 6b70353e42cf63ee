import { describe, expect, it } from "vitest";
import { pasteable } from "../../core/process/run.ts";
import { argv } from "../../qemu/argv.ts";
import type { Accel, Firmware } from "../../qemu/machine.ts";
import { machineSpec } from "./machine-spec.ts";

/** The command line without what every machine has. */
function varying(firmware: Firmware): string {
	return pasteable(argv(machineSpec({ firmware }))).replace(/^.*-smp 1 | -object .*$/g, "");
}

describe("argv", () => {
	it("is the whole command line, devices in the order of the spec", () => {
		const spec = machineSpec({
			cpus: 2,
			disks: [{ file: "/run/m/root.qcow2", format: "qcow2", serial: "root" }],
			nics: [{ kind: "user", mac: "52:54:00:00:00:01", restrict: true, forwards: [{ host: 2201, guest: 22 }] }],
			serialNumber: "S1",
		});
		expect(pasteable(argv(spec)).split(/ (?=-)/)).toMatchInlineSnapshot(`
			[
			  "qemu-system-x86_64",
			  "-name guest=n1",
			  "-no-user-config",
			  "-nodefaults",
			  "-display none",
			  "-vga none",
			  "-accel tcg,thread=multi,tb-size=256",
			  "-cpu qemu64,-svm,+ssse3,+sse4.1,+sse4.2,+popcnt",
			  "-m 1024",
			  "-smp 2",
			  "-machine q35",
			  "-smbios type=1,serial=S1",
			  "-drive if=none,id=disk0,file=/run/m/root.qcow2,format=qcow2,discard=unmap",
			  "-device virtio-blk-pci,drive=disk0,serial=root,bootindex=1",
			  "-netdev user,id=net0,restrict=on,hostfwd=tcp:127.0.0.1:2201-:22",
			  "-device virtio-net-pci,netdev=net0,mac=52:54:00:00:00:01,romfile=",
			  "-object rng-builtin,id=rng0",
			  "-device virtio-rng-pci,rng=rng0",
			  "-chardev file,id=serial0,path=/run/m/serial.log,append=on",
			  "-serial chardev:serial0",
			  "-qmp unix:/run/m/qmp.sock,server=on,wait=off",
			  "-pidfile /run/m/qemu.pid",
			]
		`);
	});

	it.each<Firmware>(["bios", "uefi", "secureboot", { kernel: "/vmlinuz", initrd: "/initrd", append: "root=/dev/vda4 ro" }])(
		"starts by %s",
		(firmware) => {
			expect(varying(firmware).split(/ (?=-)/)).toMatchSnapshot();
		},
	);

	it("gives kernel arguments for emulation to an emulated kernel only", () => {
		const firmware = { kernel: "/k", initrd: "/i", append: "root=/dev/vda4" };
		const append = (accel: Accel) => {
			const words = argv(machineSpec({ firmware, accel }));
			return words[words.indexOf("-append") + 1];
		};
		expect(append("kvm")).toBe("root=/dev/vda4");
		expect(append("tcg")).toMatch(/^root=\/dev\/vda4 mitigations=off .*no_timer_check/);
	});

	it("uses the host's processor under KVM", () => {
		expect(pasteable(argv(machineSpec({ accel: "kvm" })))).toContain("-accel kvm -cpu host");
	});
});
