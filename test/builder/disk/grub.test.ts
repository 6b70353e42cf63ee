import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { biosBootCode, espGrubCfg, grubCfg, kernelCmdline } from "../../../builder/disk/grub.ts";

const rootUuid = "6e1cf1a6-0000-8000-8000-000000000001";
const cmdline = kernelCmdline({ rootUuid, serial: "ttyS1", speed: 9600, args: ["quiet", "mitigations=off"] });

it("the serial console is the last one, so that it is /dev/console; the profile's arguments follow", () => {
	expect(cmdline).toBe(`root=UUID=${rootUuid} ro console=tty0 console=ttyS1,9600 quiet mitigations=off`);
});

it("the menu is as expected", async () => {
	const kernels = ["6.8.0-90-generic", "6.8.0-31-generic"];
	const text = grubCfg({ rootUuid, kernels, cmdline, serial: { unit: 1, speed: 9600 }, title: "ClusterOS slurm" });
	await expect(text).toMatchFileSnapshot(join(import.meta.dirname, "expected/grub.cfg"));
});

it("the ESP's file hands over to the menu", async () => {
	await expect(espGrubCfg(rootUuid)).toMatchFileSnapshot(join(import.meta.dirname, "expected/esp-grub.cfg"));
});

describe("BIOS boot code", () => {
	const boot = Buffer.alloc(512, 0xb0);
	const core = Buffer.alloc(2048, 0xc0);
	const { mbr, core: placed } = biosBootCode(boot, core, 1024 * 1024);

	it("is 440 bytes: what follows in the first sector is the disk's signature and table", () => {
		expect(mbr).toHaveLength(440);
	});

	it("names the sector of core.img at 0x5C, and nothing else is changed", () => {
		expect(Buffer.from(mbr).readBigUInt64LE(0x5c)).toBe(2048n);
		expect(Buffer.from(mbr).fill(0xb0, 0x5c, 0x64)).toEqual(boot.subarray(0, 440));
	});

	it("names the sector after core.img's first at 0x1F4, and nothing else is changed", () => {
		expect(Buffer.from(placed).readBigUInt64LE(0x1f4)).toBe(2049n);
		expect(Buffer.from(placed).fill(0xc0, 0x1f4, 0x1fc)).toEqual(core);
		expect(core.every((byte) => byte === 0xc0)).toBe(true);
	});
});
