import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkHost } from "../../../builder/preflight/host.ts";
import { installLine, installMissing } from "../../../builder/preflight/install.ts";
import { checkSpace, checkWritable } from "../../../builder/preflight/space.ts";

let dir: string;
beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), "host-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe("checkHost", () => {
	it("finds everything missing on an empty machine, and does not try what lacks its programs", async () => {
		const findings = await checkHost("build", join(dir, "cache"), { path: dir, isRoot: false, allVersions: false });
		expect(findings.filter(({ ok }) => ok)).toEqual([]);
		expect(findings.map(({ name }) => name)).toContain("mmdebstrap");
		expect(findings.map(({ name }) => name)).not.toContain("namespaces");
	});
});

describe("installMissing", () => {
	/** Stands for sudo: notes what it is asked to run; fails the first install where told to. */
	function recorder(failFirstInstall: boolean): { prefix: string[]; asked: () => string[] } {
		const script = join(dir, "as-root");
		const fail = failFirstInstall
			? `case "$*" in *install*) [ -e ${dir}/failed ] || { : > ${dir}/failed; exit 100; };; esac`
			: "";
		writeFileSync(script, `#!/bin/sh\necho "$*" >> ${dir}/asked\n${fail}\n`, { mode: 0o755 });
		return { prefix: [script], asked: () => readFileSync(join(dir, "asked"), "utf8").trim().split("\n") };
	}

	/** apt's package lists, fetched this many days ago. */
	function lists(days: number): string {
		const at = join(dir, "lists");
		mkdirSync(join(at, "partial"), { recursive: true });
		writeFileSync(join(at, "mirror_dists_trixie_main_binary-amd64_Packages"), "");
		const then = new Date(Date.now() - days * 86_400_000);
		for (const folder of [join(at, "partial"), at]) utimesSync(folder, then, then);
		return at;
	}

	const kinds = (asked: string[]) => asked.map((line) => /\b(update|install)\b/.exec(line)![1]);

	it("asks apt without questions", async () => {
		const { prefix, asked } = recorder(false);
		await installMissing(["zstd", "mtools"], { prefix, lists: lists(0) });
		expect(asked()).toHaveLength(1);
		expect(asked()[0]).toMatch(/^env DEBIAN_FRONTEND=noninteractive apt-get .* install -y --no-install-recommends zstd mtools$/);
	});

	it("fetches lists that are missing or old first", async () => {
		const { prefix, asked } = recorder(false);
		await installMissing(["zstd"], { prefix, lists: lists(2) });
		await installMissing(["zstd"], { prefix, lists: join(dir, "none") });
		expect(kinds(asked())).toEqual(["update", "install", "update", "install"]);
	});

	it("fetches the lists and tries once more when they may be to blame", async () => {
		const { prefix, asked } = recorder(true);
		await installMissing(["zstd"], { prefix, lists: lists(0) });
		expect(kinds(asked())).toEqual(["install", "update", "install"]);
	});

	it("does not try again when the lists have just been fetched", async () => {
		const { prefix, asked } = recorder(true);
		await expect(installMissing(["zstd"], { prefix, lists: lists(2) })).rejects.toThrow(/installing zstd/);
		expect(kinds(asked())).toEqual(["update", "install"]);
	});

	it("has a line to paste for everybody else", () => {
		expect(installLine(["a", "b"], false)).toBe("sudo apt-get install -y --no-install-recommends a b");
	});
});

describe("checkSpace", () => {
	it("accepts what fits, also for a folder that is yet to be made", async () => {
		expect(await checkSpace(join(dir, "not/yet"), 1)).toBeUndefined();
	});

	it("says how much is needed and how much is free", async () => {
		const problem = await checkSpace(dir, 1e18);
		expect(problem?.message).toMatch(/about 1000 PB needed, .* free/);
		expect(problem?.fix).toMatch(/cache prune/);
	});
});

describe("checkWritable", () => {
	it("accepts a folder to be made, and refuses a file in its place", async () => {
		expect(await checkWritable(join(dir, "out/deep"), "--out")).toBeUndefined();
		writeFileSync(join(dir, "file"), "");
		expect((await checkWritable(join(dir, "file/out"), "--out"))?.message).toContain("is not a folder");
	});

	const isRoot = process.getuid?.() === 0;
	it.skipIf(isRoot)(`refuses a folder that is not ours${isRoot ? " (skipped: root may write everywhere)" : ""}`, async () => {
		mkdirSync(join(dir, "closed"));
		chmodSync(join(dir, "closed"), 0o555);
		expect((await checkWritable(join(dir, "closed/out"), "--out"))?.fix).toContain("--out");
	});
});
