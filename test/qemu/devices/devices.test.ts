import { describe, expect, it } from "vitest";
import { diskArgs } from "../../../qemu/devices/disk.ts";
import { nicArgs } from "../../../qemu/devices/nic.ts";
import { optionList } from "../../../qemu/devices/option.ts";
import { serialArgs } from "../../../qemu/devices/serial.ts";
import { machineFiles } from "../../../qemu/machine.ts";

describe("optionList", () => {
	it("doubles commas, so that a path cannot add an option", () => {
		expect(optionList({ file: "/a,readonly=off", id: undefined, n: 1 })).toBe("file=/a,,readonly=off,n=1");
	});
});

describe("diskArgs", () => {
	it("boots the first disk only", () => {
		const boots = [0, 1].map((i) => diskArgs({ file: "/d", format: "raw" }, i).join(" ").includes("bootindex"));
		expect(boots).toEqual([true, false]);
	});

	it("says each property of the disk", () => {
		const disk = { file: "/d", format: "raw", readonly: true, snapshot: true, unsafe: true, serial: "seed" } as const;
		expect(diskArgs(disk, 1)).toEqual([
			"-drive",
			"if=none,id=disk1,file=/d,format=raw,readonly=on,snapshot=on,cache=unsafe",
			"-device",
			"virtio-blk-pci,drive=disk1,serial=seed",
		]);
	});
});

describe("nicArgs", () => {
	it("forwards on loopback only", () => {
		const forwards = [
			{ host: 2201, guest: 22 },
			{ host: 8080, guest: 80 },
		];
		expect(nicArgs({ kind: "user", mac: "52:54:00:00:00:01", restrict: false, forwards }, 0)).toEqual([
			"-netdev",
			"user,id=net0,restrict=off,hostfwd=tcp:127.0.0.1:2201-:22,hostfwd=tcp:127.0.0.1:8080-:80",
			"-device",
			"virtio-net-pci,netdev=net0,mac=52:54:00:00:00:01,romfile=",
		]);
	});

	it("ties a datagram cable to two ports", () => {
		expect(nicArgs({ kind: "dgram", mac: "52:54:00:00:00:02", localPort: 4001, remotePort: 4000 }, 1)[1]).toBe(
			"dgram,id=net1,local.type=inet,local.host=127.0.0.1,local.port=4001,remote.type=inet,remote.host=127.0.0.1,remote.port=4000",
		);
	});
});

describe("serialArgs", () => {
	it("adds the second port where one is wanted", () => {
		const files = machineFiles("/run/m");
		expect(serialArgs({ files })).toHaveLength(4);
		expect(serialArgs({ files, secondSerial: "/run/m/shell" }).slice(4)).toEqual([
			"-chardev",
			"socket,id=serial1,path=/run/m/shell,server=on,wait=off",
			"-serial",
			"chardev:serial1",
		]);
	});
});
