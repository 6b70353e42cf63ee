import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type HostRules, namespaceFix, tryNamespace } from "../../../builder/preflight/namespace.ts";

let dir: string;
let path: string | undefined;
beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), "namespace-"));
	path = process.env.PATH;
});
afterEach(() => {
	process.env.PATH = path;
	rmSync(dir, { recursive: true, force: true });
});

/** An unshare that fails as the real one does on a machine that forbids it. */
function fakeUnshare(script: string): void {
	writeFileSync(join(dir, "unshare"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
	process.env.PATH = `${dir}:${path}`;
}

describe("tryNamespace", () => {
	it("tells what unshare said, and leaves nothing behind", async () => {
		fakeUnshare("echo 'unshare: unshare failed: Operation not permitted' >&2; exit 1");
		const finding = await tryNamespace(join(dir, "cache"), true);
		expect(finding).toMatchObject({ ok: false, message: expect.stringContaining("Operation not permitted") });
		expect(finding.fix).toMatch(/--privileged/);
		expect(readdirSync(join(dir, "cache"))).toEqual([]);
	});

	it("blames the disk when it is the overlay that cannot be made", async () => {
		fakeUnshare("echo overlay; echo 'mount: wrong fs type' >&2; exit 32");
		expect((await tryNamespace(dir, true)).fix).toMatch(/--cache-dir/);
	});

	it("asks for foreign owners, an overlay with user attributes and a range of ids where it is not root", async () => {
		fakeUnshare(`echo "$@" > ${dir}/asked`);
		await tryNamespace(join(dir, "cache"), false);
		const { readFileSync } = await import("node:fs");
		const asked = readFileSync(join(dir, "asked"), "utf8");
		expect(asked).toMatch(/^--user --map-root-user --map-auto --mount --pid --fork --kill-child /);
		expect(asked).toContain("chown 1:1");
		expect(asked).toMatch(/,userxattr$/m);
	});
});

describe("namespaceFix", () => {
	const free: HostRules = {
		user: "ada",
		uid: 1000,
		apparmor: undefined,
		clone: undefined,
		maximum: "60000",
		subuid: "ada:100000:65536",
		subgid: "1000:100000:65536",
	};
	it.each([
		["no subordinate ids", { subuid: "bob:100000:65536" }, /usermod --add-subuids .* ada$/],
		["too few of them", { subgid: "ada:100000:1000" }, /usermod/],
		["no such file", { subuid: undefined }, /usermod/],
		["Ubuntu's AppArmor rule", { apparmor: "1" }, /kernel\.apparmor_restrict_unprivileged_userns=0/],
		["Debian's old switch", { clone: "0" }, /kernel\.unprivileged_userns_clone=1/],
		["a limit of none", { maximum: "0" }, /user\.max_user_namespaces=/],
		["nothing to see", {}, /build as root/],
	])("%s", (_, rules, fix) => expect(namespaceFix({ ...free, ...rules })).toMatch(fix));
});
