import { spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, readlink, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { linkLatest, place, publish, sweepPartials } from "../../../builder/publish/publish.ts";
import { ToolError } from "../../../core/errors.ts";
import { folder } from "../profile/support.ts";

/** A folder with a store's file and an empty OUT. */
async function outAndFile(content = "new"): Promise<{ out: string; from: string }> {
	const dir = await folder({ "store/disk.qcow2": content });
	await mkdir(join(dir, "out"));
	return { out: join(dir, "out"), from: join(dir, "store/disk.qcow2") };
}

describe("publish", () => {
	it("copies once: the same size and time say that OUT has it", async () => {
		const { out, from } = await outAndFile();
		await publish(from, out, "a.qcow2");
		const { ino } = await stat(join(out, "a.qcow2"));
		await publish(from, out, "a.qcow2");
		expect((await stat(join(out, "a.qcow2"))).ino).toBe(ino);
		await utimes(join(out, "a.qcow2"), 1, 1);
		await publish(from, out, "a.qcow2");
		expect((await stat(join(out, "a.qcow2"))).ino).not.toBe(ino);
		expect(await readdir(out)).toEqual(["a.qcow2"]);
	});

	it("leaves the old artifact and nothing half-written when it fails", async () => {
		const { out, from } = await outAndFile();
		await writeFile(join(out, "a.qcow2"), "old");
		const error = await publish(`${from}.gone`, out, "b.qcow2").catch((e: unknown) => e);
		expect(error).toMatchObject({ code: "ENOENT" });
		await expect(publish(from, out, "none/a.qcow2")).rejects.toBeInstanceOf(ToolError);
		expect(await readdir(out)).toEqual(["a.qcow2"]);
		expect(await readFile(join(out, "a.qcow2"), "utf8")).toBe("old");
	});
});

describe("linkLatest", () => {
	it("makes the links of several formats at once, and points existing ones elsewhere", async () => {
		const { out } = await outAndFile();
		for (const version of ["1", "2"])
			await Promise.all(["qcow2", "raw"].map((suffix) => linkLatest(out, "slurm", suffix, `slurm-${version}.${suffix}`)));
		expect((await readdir(out)).toSorted()).toEqual(["slurm-latest.qcow2", "slurm-latest.raw"]);
		expect(await readlink(join(out, "slurm-latest.raw"))).toBe("slurm-2.raw");
	});
});

describe("sweepPartials", () => {
	it("removes what dead processes left, and nothing else", async () => {
		const { out } = await outAndFile();
		const dead = spawnSync("true").pid;
		const others = [`.b.qcow2.${process.ppid}.partial`, ".hidden", "c.partial", "d.qcow2"];
		for (const name of [`.a.qcow2.${dead}.partial`, `.a.qcow2.${process.pid}.partial`, ...others])
			await writeFile(join(out, name), "");
		await sweepPartials(out);
		expect((await readdir(out)).toSorted()).toEqual(others.toSorted());
	});
});

describe("place", () => {
	it("leaves nothing of what could not be written", async () => {
		const { out } = await outAndFile();
		const half = async (partial: string) => {
			await writeFile(partial, "half");
			throw new Error("no more");
		};
		await expect(place(out, "manifest.json", half)).rejects.toThrow("no more");
		expect(await readdir(out)).toEqual([]);
	});
});
