import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TinyUbuntu, tinyUbuntu } from "./tiny-ubuntu.ts";

/** What is wrong with an archive, told in seconds: exit code, words, and that nothing of it is kept. */

const ELSEWHERE = "another mirror: --mirror URL; another distribution: --base debian-13, ubuntu-24.04 or auto";
const FETCHING = "error: fetching the archive's index: ";
const NOTHING_BUILT = "1 problem; nothing was built.";
const TRIED = "tried http://MIRROR/ubuntu";

let ubuntu: TinyUbuntu;
beforeAll(async () => {
	ubuntu = await tinyUbuntu();
});
afterAll(async () => {
	expect(ubuntu.server.strayed).toEqual([]);
	await ubuntu[Symbol.asyncDispose]();
});

/** Digests of the .debs that a build has kept, and names of indexes. */
async function kept(room: string): Promise<{ debs: string[]; indexes: string[] }> {
	const indexes = (await readdir(join(room, "cache/apt"))).filter((name) =>
		existsSync(join(room, "cache/apt", name, "answer.json")),
	);
	return { debs: await readdir(join(room, "cache/debs")), indexes };
}

describe("signatures", () => {
	it("takes nothing that is signed with another key", async () => {
		const { code, problems, room } = await ubuntu.build({ base: ubuntu.distrustful });
		expect(code).toBe(1);
		const key = /\(([0-9A-F]{16,40})\)/.exec(problems)?.[1];
		expect(ubuntu.key.fingerprint.endsWith(key ?? "none")).toBe(true);
		expect(problems).toBe(
			[
				`${FETCHING}the archive is signed with a key that we do not trust (${key}); ${TRIED}`,
				"  use a mirror that serves the distribution's own signed files; for an archive of your own give its key: [[apt.sources]] key, or apt.keyring in a base file",
				NOTHING_BUILT,
			].join("\n"),
		);
		expect((await kept(room)).indexes).toEqual([]);
	});

	it("takes no InRelease that was changed after it was signed", async () => {
		const { code, problems, room } = await ubuntu.build({ faults: { "noble-updates/InRelease": "changed" } });
		expect(code).toBe(1);
		expect(problems).toMatch(/the archive's signature does not fit what it signs(?: \(key \w+\))?: it was changed on its way/);
		expect((await kept(room)).indexes).toEqual([]);
	});

	it("takes no Packages that was changed after its Release was signed", async () => {
		const { code, problems, room } = await ubuntu.build({ faults: { "noble-security/universe/binary-amd64": "changed" } });
		expect(code).toBe(1);
		expect(problems).toBe(
			[
				`${FETCHING}what the archive sent is not what its signed index promises (hash mismatch): http://MIRROR/ubuntu/dists/noble-security/universe/binary-amd64/Packages; ${TRIED}`,
				`  nothing of it was kept; a mirror that is being updated mends itself in minutes; ${ELSEWHERE}`,
				NOTHING_BUILT,
			].join("\n"),
		);
		expect((await kept(room)).indexes).toEqual([]);
	});
});

describe("an archive without what it should have", () => {
	it("names the pocket that is missing", async () => {
		const { code, problems } = await ubuntu.build({ faults: { "noble-security": "missing" } });
		expect(code).toBe(1);
		expect(problems).toBe(
			[
				`${FETCHING}http://MIRROR/ubuntu has no suite noble-security (404); ${TRIED}`,
				`  ${ELSEWHERE}; an archive that lies elsewhere: --mirror NAME=URL, such as security=URL`,
				NOTHING_BUILT,
			].join("\n"),
		);
	});

	it("names the package file that is missing, and keeps the others", async () => {
		const { code, problems, room } = await ubuntu.build({ faults: { "/tool_": "missing" }, apply: true });
		expect(code).toBe(1);
		expect(problems).toBe(
			[
				`error: downloading packages: the archive does not have a file that its index names (404): http://MIRROR/ubuntu/pool/universe/t/tool/tool_1.0ubuntu0.1_amd64.deb; ${TRIED}`,
				`  the newest index: --refresh; ${ELSEWHERE}`,
				NOTHING_BUILT,
			].join("\n"),
		);
		expect((await kept(room)).debs).toHaveLength(16);
	});

	it("keeps nothing of a package file that was changed", async () => {
		const { code, problems, room } = await ubuntu.build({ faults: { "/tool_": "changed" }, apply: true });
		expect(code).toBe(1);
		expect(problems).toContain("(hash mismatch): http://MIRROR/ubuntu/pool/universe/t/tool/tool_1.0ubuntu0.1_amd64.deb");
		const index = await readFile(join(ubuntu.dir, "archive/dists/noble-security/universe/binary-amd64/Packages"), "utf8");
		const promised = /^SHA256: (\w+)$/m.exec(index)![1];
		const { debs } = await kept(room);
		expect(debs).toHaveLength(16);
		expect(debs).not.toContain(`${promised}.deb`);
		expect(await readdir(join(room, "cache/tmp"))).toEqual([]);
	});
});

describe("an archive that does not answer", () => {
	it("says in a second that nobody is there", async () => {
		const { code, problems, seconds } = await ubuntu.build({ mirror: "http://127.0.0.1:9/ubuntu" });
		expect(code).toBe(1);
		expect(problems).toMatch(
			/^error: ubuntu-24\.04's archive cannot be used: Could not connect to 127\.0\.0\.1:9 .*Connection refused\) \(tried http:\/\/127\.0\.0\.1:9\/ubuntu for \d\.\d s\)\n {2}another mirror: --mirror URL; another distribution: --base debian-13/,
		);
		expect(seconds).toBeLessThan(8);
	});

	it("says in seconds that nothing is said", async () => {
		const { code, problems, seconds } = await ubuntu.build({ faults: { "/dists/": "silent" } });
		expect(code).toBe(1);
		expect(problems).toMatch(
			/^error: ubuntu-24\.04's archive cannot be used: .* \(tried http:\/\/MIRROR\/ubuntu for [78]\.\d s\)$/m,
		);
		expect(problems).toContain(ELSEWHERE);
		expect(seconds).toBeLessThan(20);
	});

	it("gives up on a package that never comes", async () => {
		const { code, problems, seconds } = await ubuntu.build({ faults: { "/tool_": "silent" }, apply: true });
		expect(code).toBe(1);
		expect(problems).toMatch(/^error: downloading packages: the archive (does not answer|sent nothing)/);
		expect(seconds).toBeLessThan(60);
	});

	it("tries a connection that breaks again, and goes on", async () => {
		const { code, stdout } = await ubuntu.build({ faults: { "noble-updates/InRelease": "cut once" }, json: true });
		expect(code).toBe(0);
		expect(JSON.parse(stdout)).toMatchObject({ base: "ubuntu-24.04" });
	});

	it("tries one that always breaks a few times", async () => {
		ubuntu.server.asked.length = 0;
		const { code, problems, seconds } = await ubuntu.build({ faults: { "/tool_": "cut" }, apply: true });
		expect(code).toBe(1);
		expect(problems).toMatch(
			/^error: downloading packages: the archive does not answer, or not to the end: .*; tried http:\/\/MIRROR\/ubuntu$/m,
		);
		expect(ubuntu.server.asked.filter((path) => path.includes("/tool_")).length).toBeGreaterThanOrEqual(3);
		expect(ubuntu.server.asked.filter((path) => path.includes("/kmod_"))).toHaveLength(1);
		expect(seconds).toBeLessThan(30);
	});
});

describe("packages that cannot be had", () => {
	const place = (line: number, column: number, path: string) => `p.toml:${line}:${column}  ${path}: `;

	it("names a package that does not exist, where it was asked for, and the nearest", async () => {
		const { code, problems } = await ubuntu.build({ profile: 'packages = ["tool", "orphn"]' });
		expect(code).toBe(2);
		expect(problems).toBe(
			[
				`${place(7, 21, "packages[1]")}no package "orphn" in ubuntu-24.04 (main, universe)`,
				'             did you mean "orphan"?',
				NOTHING_BUILT,
			].join("\n"),
		);
	});

	it("names packages that conflict", async () => {
		const { code, problems } = await ubuntu.build({ profile: 'packages = ["tool", "rival"]' });
		expect(code).toBe(2);
		expect(problems).toBe(
			[
				`${place(7, 21, "packages[1]")}rival cannot be installed with the rest: Conflicts: tool but 1.0ubuntu0.1 is to be installed`,
				"             take one of the packages named out, or add the apt source that has what is missing",
				NOTHING_BUILT,
			].join("\n"),
		);
	});

	it("names what a package needs and nobody has", async () => {
		const { code, problems } = await ubuntu.build({ profile: 'packages = ["orphan"]' });
		expect(code).toBe(2);
		expect(problems).toContain(
			`${place(7, 13, "packages[0]")}orphan cannot be installed with the rest: Depends: not-there (>= 2) but it is not installable`,
		);
	});
});
