import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makeFolders } from "../../core/folders.ts";

it("makes parents, and again without complaint", () => {
	const dir = join(mkdtempSync(join(tmpdir(), "clusteros-folders-")), "a/b/c");
	makeFolders(dir);
	makeFolders(dir);
	expect(existsSync(dir)).toBe(true);
});

it("says no where the kernel does, instead of trying for ever", () => {
	expect(() => makeFolders("/proc/no/such/place")).toThrow(/ENOENT|EACCES|EPERM/);
});
