import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { missingPackages, problemsOf } from "../../../builder/preflight/finding.ts";
import { NEEDS, type Need, needsFor } from "../../../builder/preflight/needs.ts";
import { checkNeed, compareVersions, versionIn } from "../../../builder/preflight/programs.ts";

let dir: string;
beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), "needs-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const need: Need = {
	name: "frob",
	why: "to frob",
	package: "frobnicator",
	tasks: ["build"],
	programs: ["frob", "frobctl"],
	versionArgs: ["frob", "--version"],
	minimum: { version: "2.10", because: "--gently", userOnly: true },
};
const user = () => ({ path: dir, isRoot: false, allVersions: false });
const program = (name: string, prints = "") =>
	writeFileSync(join(dir, name), `#!/bin/sh\necho '${prints}' >&2; exit 1\n`, { mode: 0o755 });

describe("checkNeed", () => {
	it("names the program that is missing, and the command for this user", async () => {
		program("frob", "frob 3.0");
		const finding = await checkNeed(need, user());
		expect(finding).toMatchObject({ ok: false, message: "frobctl is missing", package: "frobnicator" });
		expect(finding.fix).toMatch(/^sudo apt-get install .*frobnicator$/);
		expect((await checkNeed(need, { ...user(), isRoot: true })).fix).toMatch(/^apt-get install /);
	});

	it("reads the version off whatever stream and exit code", async () => {
		program("frob", "frob (Frobware) 2.10.1, 1999");
		program("frobctl");
		expect(await checkNeed(need, user())).toMatchObject({ ok: true, version: "2.10.1" });
	});

	it("refuses one that is too old, which no installing mends; root does not need the new part", async () => {
		program("frob", "frob 2.9");
		program("frobctl");
		const finding = await checkNeed(need, user());
		expect(finding).toMatchObject({ ok: false, message: "frob 2.9 is too old: 2.10 or newer has --gently" });
		expect(missingPackages([finding])).toEqual([]);
		expect(await checkNeed(need, { ...user(), isRoot: true })).toMatchObject({ ok: true });
	});

	it("looks for files too", async () => {
		const firmware: Need = { name: "fw", why: "", package: "fw", tasks: ["boot"], files: [join(dir, "a"), join(dir, "b")] };
		expect(await checkNeed(firmware, user())).toMatchObject({ ok: false, message: `${join(dir, "a")} is missing` });
		writeFileSync(join(dir, "b"), "");
		expect(await checkNeed(firmware, user())).toMatchObject({ ok: true });
	});
});

describe("versions", () => {
	it.each([
		["mke2fs 1.47.0 (5-Feb-2023)", "1.47.0"],
		["OpenSSH_9.2p1 Debian-2, OpenSSL 3.0.17", "9.2"],
		["QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg)", "7.2.22"],
		["no number", undefined],
	])("%s", (text, version) => expect(versionIn(text)).toBe(version));

	it("compares by number, not by letter", () => {
		expect(compareVersions("2.9", "2.38")).toBeLessThan(0);
		expect(compareVersions("2.38.1", "2.38")).toBeGreaterThan(0);
		expect(compareVersions("5.1.0", "5.1")).toBe(0);
	});
});

describe("needs", () => {
	it("are for a task, and newuidmap only for ordinary users", () => {
		const names = (isRoot: boolean) => needsFor("build", isRoot).map(({ name }) => name);
		expect(names(false)).toContain("newuidmap");
		expect(names(true)).not.toContain("newuidmap");
		expect(names(true)).not.toContain("qemu");
		expect(needsFor("boot", true).map(({ name }) => name)).toContain("qemu");
	});

	it("each have a reason, a package, and something to look for", () => {
		for (const { why, package: name, programs, files } of NEEDS) {
			expect(why).toMatch(/^to /);
			expect(name).toMatch(/^[a-z0-9-]+$/);
			expect((programs ?? files ?? []).length).toBeGreaterThan(0);
		}
	});
});

describe("problemsOf", () => {
	it("gives one command for all that is missing", () => {
		const missing = { ok: false, why: "to x", fix: "single" };
		const problems = problemsOf(
			[
				{ ...missing, name: "b", package: "pb" },
				{ ...missing, name: "c", package: "pa" },
				{ name: "n", ok: false, why: "to y", fix: "sysctl" },
				{ name: "fine", ok: true, why: "" },
			],
			true,
		);
		expect(problems.map(({ message }) => message)).toEqual([
			"b is missing: needed to x",
			"c is missing: needed to x",
			"n is missing: needed to y",
		]);
		expect(problems.map(({ fix }) => fix)).toEqual([undefined, expect.stringMatching(/^apt-get install .* pa pb$/), "sysctl"]);
	});
});
