import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openLog } from "../../../builder/ui/log.ts";

let dir: string;
beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), "log-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const minute = (n: number) => () => new Date(Date.UTC(2026, 0, 1, 0, n));

it("gives every line its time, at once", () => {
	const log = openLog(join(dir, "logs"), "slurm", minute(3));
	log.line("one\ntwo");
	expect(readFileSync(log.path, "utf8")).toBe("2026-01-01T00:03:00.000Z  one\n2026-01-01T00:03:00.000Z  two\n");
	log.close();
	expect(() => log.line("after the end")).not.toThrow();
});

it("keeps the newest 20 and leaves other files alone", () => {
	writeFileSync(join(dir, "notes.log"), "");
	for (let n = 0; n < 25; n++) openLog(dir, "base", minute(n)).close();
	const left = readdirSync(dir).sort();
	expect(left).toHaveLength(21);
	expect(left[0]).toContain("T00-05-00");
	expect(left).toContain("notes.log");
});
