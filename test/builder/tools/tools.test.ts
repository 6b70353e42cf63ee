import { mkdir, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { layoutOf } from "../../../builder/disk/layout.ts";
import { debugfsArgs, dumpe2fsArgs, e2fsClock, fixTimes, mke2fsArgs, usedInodes } from "../../../builder/tools/mke2fs.ts";
import { mmdebstrapArgs } from "../../../builder/tools/mmdebstrap.ts";
import { qcow2Args, qemuImgProgress } from "../../../builder/tools/qemu-img.ts";
import { sfdiskArgs, sfdiskScript } from "../../../builder/tools/sfdisk.ts";
import { SHAPING, toolVersion } from "../../../builder/tools/versions.ts";
import { mcopyArgs, mkfsVfatArgs, mmdArgs } from "../../../builder/tools/vfat.ts";
import { run } from "../../../core/process/run.ts";
import { shippedBase } from "../apt/bases.ts";
import { folder } from "../profile/support.ts";

const UUID = "6e1cf1a6-0000-8000-8000-000000000001";
const MIB = 1024 * 1024;
const EPOCH = 1_750_000_000;

describe("argv", () => {
	it("of mmdebstrap: options, packages, sources from standard input", () => {
		const aptOptions = { "APT::A": "true", "APT::B": "false" };
		expect(mmdebstrapArgs({ root: "/t", arch: "amd64", packages: ["a", "b"], aptOptions })).toEqual([
			"mmdebstrap",
			"--verbose",
			"--mode=root",
			"--variant=apt",
			"--format=directory",
			"--architectures=amd64",
			"--skip=check/empty,update,cleanup/apt,check/signed-by",
			'--aptopt=APT::A "true"',
			'--aptopt=APT::B "false"',
			"--aptopt=#clear DPkg::Pre-Install-Pkgs;",
			"--dpkgopt=force-unsafe-io",
			"--include=a,b",
			"",
			"/t",
			"-",
		]);
	});

	it("of mke2fs: nothing random, at an offset, in KiB", () => {
		const spec = { image: "/d.raw", offset: 327 * MIB, size: 2 * MIB, tree: "/t", uuid: UUID, label: "root" };
		expect(mke2fsArgs(spec).join(" ")).toBe(
			`mke2fs -q -F -t ext4 -b 4096 -U ${UUID} -L root -E hash_seed=${UUID},lazy_itable_init=1,nodiscard,offset=${327 * MIB} -d /t /d.raw 2048k`,
		);
		expect(dumpe2fsArgs("/d.raw", 512)).toEqual(["dumpe2fs", "/d.raw?offset=512"]);
		expect(debugfsArgs("/d.raw", 512, "/c")).toEqual(["debugfs", "-w", "-f", "/c", "/d.raw?offset=512"]);
		expect(e2fsClock(EPOCH)).toEqual({ E2FSPROGS_FAKE_TIME: "1750000000" });
	});

	it("of mkfs.vfat and mtools", () => {
		expect(mkfsVfatArgs("/e", "ESP", "12ab34cd", "esp").join(" ")).toBe(
			"mkfs.vfat --invariant -F 32 -S 4096 -s 1 -i 12ab34cd -n ESP /e",
		);
		expect(mkfsVfatArgs("/s", "CIDATA", "12ab34cd", "seed").join(" ")).toBe(
			"mkfs.vfat --invariant -F 16 -i 12ab34cd -n CIDATA /s",
		);
		expect(mmdArgs("/e", ["EFI", "EFI/BOOT"])).toEqual(["mmd", "-i", "/e", "::EFI", "::EFI/BOOT"]);
		expect(mcopyArgs("/e", "/from", "EFI/BOOT/X")).toEqual(["mcopy", "-i", "/e", "/from", "::EFI/BOOT/X"]);
	});

	it("of qemu-img: compressed, and never out of order", () => {
		expect(qcow2Args("/r", "/q").join(" ")).toBe("qemu-img convert -p -f raw -O qcow2 -c -o compression_type=zstd /r /q");
		expect(qemuImgProgress("    (0.00/100%)\r    (42.01/100%)\r")).toBeCloseTo(0.4201);
		expect(qemuImgProgress("no progress")).toBeUndefined();
	});
});

describe("sfdisk", () => {
	it("writes the table that the layout says, with its ids", async () => {
		const layout = layoutOf(
			"x",
			{ size: "600MiB", esp: "260MiB", seed: "64MiB", filesystem: "ext4" },
			(await shippedBase("debian-13")).arch.amd64!,
		);
		const image = join(await folder({ "d.raw": "" }), "d.raw");
		await truncate(image, layout.size);
		await run(sfdiskArgs(image), { doing: "partitioning", input: sfdiskScript(layout.diskUuid, layout.partitions) });
		const { stdout } = await run(["sfdisk", "--json", image], { doing: "reading the table" });
		const { partitiontable: table } = JSON.parse(stdout);
		expect(table).toMatchObject({ label: "gpt", id: layout.diskUuid.toUpperCase(), sectorsize: 512 });
		const expected = layout.partitions.map(({ start, size, type, uuid, name }) => {
			return { start: start / 512, size: size / 512, type: type.toUpperCase(), uuid: uuid.toUpperCase(), name };
		});
		expect(table.partitions).toEqual(expected.map((one) => expect.objectContaining(one)));
	});
});

describe("mke2fs and debugfs", () => {
	it("reads dumpe2fs' free inodes", () => {
		const text = `Inode count:              32
Free inodes:              12
Group 0: (Blocks 0-32767)
  Free blocks: 12-20, 25
  Free inodes: 14-16, 18
Group 1: (Blocks 32768-65535)
  Free blocks: 7
  Free inodes: 20-32
`;
		expect(usedInodes(text)).toEqual([2, 11, 12, 13, 17, 19]);
		expect(usedInodes(text.replaceAll(/Free inodes: .*/g, "Free inodes: ")).at(-1)).toBe(32);
	});

	it("makes the same bytes from one tree at any time: what mke2fs copies of the source folder is set afterwards", async () => {
		const images = [await ext4Of("a")];
		await sleep(1100);
		images.push(await ext4Of("b"));
		await run(["cmp", ...images], { doing: "comparing two filesystems" });
	}, 60_000);

	async function ext4Of(name: string): Promise<string> {
		const dir = await folder({ "t/etc/file": "content\n", "t/usr/lib/x": "x" });
		await utimes(join(dir, "t/etc/file"), EPOCH, EPOCH);
		for (const path of ["t/usr/lib/x", "t/usr/lib", "t/usr", "t/etc", "t"])
			await utimes(join(dir, path), EPOCH - (name === "a" ? 5 : 9), EPOCH);
		const image = join(dir, "d.raw");
		await writeFile(image, "");
		await truncate(image, 17 * MIB);
		const spec = { image, offset: MIB, size: 16 * MIB, tree: join(dir, "t"), uuid: UUID, label: "root" };
		await run(mke2fsArgs(spec), { doing: "making a filesystem", env: e2fsClock(EPOCH) });
		const { stdout } = await run(dumpe2fsArgs(image, MIB), { doing: "listing inodes" });
		await writeFile(join(dir, "commands"), fixTimes(usedInodes(stdout), EPOCH));
		await run(debugfsArgs(image, MIB, join(dir, "commands")), { doing: "fixing times", env: e2fsClock(EPOCH) });
		return image;
	}
});

describe("FAT filesystems", () => {
	it("have fixed bytes, and hold what was copied", async () => {
		const made = [await fatWith("a")];
		// FAT's times are even seconds.
		await sleep(2100);
		made.push(await fatWith("b"));
		await run(["cmp", ...made], { doing: "comparing two filesystems" });
		const { stdout } = await run(["mtype", "-i", made[0]!, "::EFI/BOOT/X.EFI"], { doing: "reading a file" });
		expect(stdout).toBe("content");
	});

	async function fatWith(name: string): Promise<string> {
		const dir = await folder({ file: "content\n" });
		await mkdir(join(dir, name));
		const image = join(dir, name, "e.img");
		await writeFile(image, "");
		await truncate(image, 260 * MIB);
		await run(mkfsVfatArgs(image, "ESP", "12ab34cd", "esp"), { doing: "making a filesystem" });
		const env = { SOURCE_DATE_EPOCH: String(EPOCH), TZ: "UTC" };
		await run(mmdArgs(image, ["EFI", "EFI/BOOT"]), { doing: "making folders", env });
		await run(mcopyArgs(image, join(dir, "file"), "EFI/BOOT/X.EFI"), { doing: "copying", env });
		return image;
	}
});

describe("versions", () => {
	it.each(SHAPING.map(({ name }) => name))("of %s is a number with dots", async (name) => {
		expect(await toolVersion(name)).toMatch(/^\d+(\.\d+)+$/);
	});
});
