import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Sample } from "./measure.ts";
import { kept, type Result, redacted, writeResult } from "./result.ts";
import { ratio, share, within } from "./row.ts";
import { median, rotated } from "./statistics.ts";
import { markdown, withTable } from "./table.ts";

let dir: string;
beforeEach(async () => {
	dir = await mkdtemp(join(tmpdir(), "clusteros-bench-test-"));
});
afterEach(() => rm(dir, { recursive: true }));

const sample = (seconds: number): Sample => ({ seconds, cpu: seconds / 2, others: 0, load: 0 });

function result(failed?: string): Result {
	const outcome = {
		sides: { ClusterOS: [sample(61), sample(50), sample(55)], mkosi: [sample(100), sample(110)] },
		verdicts: [ratio(55, 105, 0.6, "mkosi"), ratio(55, 40, 1.35, "mmdebstrap")],
		notes: ["a note"],
	};
	return {
		version: 1,
		part: "builds",
		date: "2026-11-22",
		quick: false,
		repeat: 3,
		machine: { cores: 2, memoryGiB: 24, arch: "x64", kernel: "6.12", distribution: "Debian GNU/Linux 13" },
		versions: { mkosi: "25.3" },
		rows: [kept("cold", "cold build", outcome), ...(failed ? [{ id: "size", title: "size", failed }] : [])],
	};
}

test("the middle sample counts, not the mean", () => {
	expect(median([61, 50, 55])).toBe(55);
	expect(median([1, 100])).toBe(50.5);
});

test("every side begins once in as many rounds as there are sides", () => {
	const firsts = [0, 1, 2].map((round) => rotated(["a", "b", "c"], round)[0]);
	expect(firsts).toEqual(["a", "b", "c"]);
	expect(rotated(["a", "b", "c"], 4)).toEqual(["b", "c", "a"]);
});

test("a target is met at its limit and missed beyond it", () => {
	expect(ratio(60, 100, 0.6, "mkosi")).toEqual({ target: "≤ 0.6 × mkosi", measured: "0.60 × mkosi", met: true });
	expect(ratio(61, 100, 0.6, "mkosi").met).toBe(false);
	expect(within(260.1, 260, "MB", 0)).toEqual({ target: "≤ 260 MB", measured: "260 MB", met: false });
});

test("the table has a line for every target, every failed row and every row that was not tried", () => {
	const table = markdown(result("it broke"));
	expect(table).toContain("| cold build | ClusterOS 55.0 s, mkosi 105.0 s | 0.52 × mkosi | ≤ 0.6 × mkosi | yes |");
	expect(table).toContain("|  |  | 1.38 × mmdebstrap | ≤ 1.35 × mmdebstrap | no |");
	expect(table).toContain("| size |  | failed: it broke |  | no |");
	expect(table).toContain("- cold build: a note.");
	expect(table).toContain("[2026-11-22.json](bench/2026-11-22.json)");
	const skipped = { id: "up", title: "a cluster", skipped: "no QEMU" };
	expect(markdown({ ...result(), rows: [skipped] })).toContain("| a cluster |  | not measured: no QEMU |  |  |");
});

test("what has no target is neither met nor missed", () => {
	const row = kept("warm", "resumed", {
		sides: { resumed: [sample(5)] },
		verdicts: [share(5, 100, "the cold start")],
		notes: [],
	});
	const table = markdown({ ...result(), part: "cluster", rows: [row] });
	expect(table).toContain("| resumed | resumed 5.0 s | 0.05 × the cold start |  |  |");
	expect(table).toContain("[2026-11-22-cluster.json](bench/2026-11-22-cluster.json)");
});

test("only what lies between the markers of docs/performance.md is replaced", async () => {
	const page = await readFile(fileURLToPath(new URL("../../docs/performance.md", import.meta.url)), "utf8");
	const once = withTable(page, "builds", "| first |");
	expect(once).toContain("| first |");
	expect(withTable(once, "builds", "| second |")).toBe(once.replace("| first |", "| second |"));
	expect(once.replace(/(<!-- bench: begin.*-->)[\s\S]*(<!-- bench: end)/, "$1\n$2")).toBe(
		page.replace(/(<!-- bench: begin.*-->)[\s\S]*(<!-- bench: end)/, "$1\n$2"),
	);
	const both = withTable(once, "cluster", "| third |");
	expect(both).toContain("| first |");
	expect(both.indexOf("| third |")).toBeGreaterThan(both.indexOf("<!-- cluster bench: begin"));
	expect(both.indexOf("| third |")).toBeLessThan(both.indexOf("<!-- cluster bench: end"));
	expect(() => withTable("no markers", "builds", "")).toThrow("markers");
});

test("a result that names a mirror is not written", async () => {
	const file = join(dir, "bench/one.json");
	await writeResult(file, result(), ["mirror.example"]);
	expect((JSON.parse(await readFile(file, "utf8")) as Result).rows[0]).toMatchObject({ medians: { ClusterOS: 55, mkosi: 105 } });
	await expect(writeResult(file, result("no answer from http://mirror.example/debian"), ["mirror.example"])).rejects.toThrow(
		"mirror",
	);
	expect(redacted("at http://mirror.example/debian", ["mirror.example", "http://mirror.example/debian"])).toBe("at …");
});
