import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { run } from "../../core/process/run.ts";
import { createOverlay, inspectImage } from "../../qemu/overlay-disk.ts";
import { createSeedDisk } from "../../qemu/seed-disk.ts";
import { missing, named } from "./programs.ts";

const lacking = missing("qemu-img", "mkfs.vfat", "mcopy");
let folder: string;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "disks-"));
});

afterEach(() => rm(folder, { recursive: true }));

describe.skipIf(lacking.length > 0)(named("createOverlay", lacking), () => {
	const MIB = 1024 * 1024;
	const at = (name: string) => join(folder, name);

	/** A raw image of a MiB with a boot record. */
	async function image(): Promise<string> {
		const bytes = Buffer.alloc(MIB);
		bytes.writeUInt16LE(0xaa55, 510);
		await writeFile(at("disk.raw"), bytes);
		await chmod(at("disk.raw"), 0o400);
		return at("disk.raw");
	}

	it("is larger than the read-only image below it, and leaves that as it is", async () => {
		const below = await image();
		const before = await readFile(below);
		const disk = await createOverlay({ image: below, file: at("n1.qcow2"), size: 8 * MIB });
		await run(["qemu-io", "-c", "write -P 7 0 4096", disk.file], { doing: "writing" });
		expect(await inspectImage(disk.file)).toMatchObject({ format: "qcow2", "virtual-size": 8 * MIB });
		expect((await readFile(below)).equals(before)).toBe(true);
	});

	it("has the image's own size by default, and never less", async () => {
		const below = await image();
		const disk = await createOverlay({ image: below, file: at("n1.qcow2") });
		expect((await inspectImage(disk.file))["virtual-size"]).toBe(MIB);
		await expect(createOverlay({ image: below, file: at("n2.qcow2"), size: 512 })).rejects.toThrow(/too small.*needs 1048576/);
	});

	it("refuses what is no image, by name", async () => {
		await writeFile(at("notes.txt"), "no image\n");
		await expect(inspectImage(at("notes.txt"))).rejects.toThrow(/notes\.txt is no disk image/);
		await expect(inspectImage(at("absent"))).rejects.toThrow(/there is no image .*absent/);
	});
});

describe.skipIf(lacking.length > 0)(named("createSeedDisk", lacking), () => {
	it("is a volume labelled CIDATA that holds the files, readable by its owner alone", async () => {
		const userData = `#cloud-config\n${"# long\n".repeat(500_000)}`;
		const file = join(folder, "seed.img");
		await writeFile(file, "old", { mode: 0o644 });
		const disk = await createSeedDisk(file, { "meta-data": "instance-id: x\n", "user-data": userData });
		expect(disk).toEqual({ file, format: "raw", readonly: true });
		expect((await stat(file)).mode & 0o777).toBe(0o600);
		expect((await readFile(file)).toString("latin1")).toContain("CIDATA     FAT");
		const { stdout } = await run(["mtype", "-i", file, "::user-data"], { doing: "reading back" });
		expect(stdout).toBe(userData.trimEnd());
	});
});
