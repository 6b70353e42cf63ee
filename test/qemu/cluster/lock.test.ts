import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { withLock } from "../../../qemu/cluster/lock.ts";

let dir: string;
beforeEach(async () => {
	dir = await mkdtemp(join(tmpdir(), "lock-"));
});
afterEach(() => rm(dir, { recursive: true }));

it("holds off a second command, and is gone afterwards", async () => {
	await withLock(dir, async () => {
		await expect(withLock(dir, async () => "in")).rejects.toThrow(new RegExp(`another command .*process ${process.pid}`));
	});
	expect(existsSync(join(dir, "lock"))).toBe(false);
	expect(await withLock(dir, async () => "in")).toBe("in");
});

it("is gone after a failure, too", async () => {
	await expect(
		withLock(dir, async () => {
			throw new Error("x");
		}),
	).rejects.toThrow("x");
	expect(existsSync(join(dir, "lock"))).toBe(false);
});

it.each(["999999999 5", `${process.pid} 1`, "", "nonsense"])("does not believe a holder that is gone: %j", async (holder) => {
	await writeFile(join(dir, "lock"), holder);
	expect(await withLock(dir, async () => "in")).toBe("in");
});
