import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { planDocument } from "../../../core/contract/plan.ts";
import { build, type Said, smallProfile } from "./build.ts";
import { KERNELS } from "./stand-ins.ts";
import { changedBase, type TinyUbuntu, tinyUbuntu } from "./tiny-ubuntu.ts";

let ubuntu: TinyUbuntu;
beforeAll(async () => {
	ubuntu = await tinyUbuntu();
});
afterEach(() => {
	ubuntu.server.asked.length = 0;
	ubuntu.server.standsFor.clear();
});
afterAll(async () => {
	expect(ubuntu.server.strayed).toEqual([]);
	await ubuntu[Symbol.asyncDispose]();
});

/** Versions of the first layer's packages, by name. */
function versions({ stdout }: Said): Record<string, string> {
	const debs = planDocument.parse(JSON.parse(stdout)).steps[0]!.record.debs as Record<string, string>;
	return Object.fromEntries(Object.entries(debs).map(([name, text]) => [name, text.split(" ")[0]!]));
}

function inRelease(asked: readonly string[]): string[] {
	return [...new Set(asked.filter((path) => path.endsWith("/InRelease")))].toSorted();
}

describe("pockets", () => {
	it("asks Ubuntu's own hosts, each for its pockets, when nobody names a mirror", async () => {
		ubuntu.server.standsFor.add("archive.ubuntu.com").add("security.ubuntu.com");
		const room = await ubuntu.room(smallProfile('packages = ["tool"]'));
		const ended = await build(room, ubuntu.server, ["--profile", "./p.toml", "--base", ubuntu.base, "--plan", "--json"]);
		expect(ended, ended.stderr).toMatchObject({ code: 0 });
		expect(inRelease(ubuntu.server.asked)).toEqual([
			"http://archive.ubuntu.com/ubuntu/dists/noble-updates/InRelease",
			"http://archive.ubuntu.com/ubuntu/dists/noble/InRelease",
			"http://security.ubuntu.com/ubuntu/dists/noble-security/InRelease",
		]);
	});

	it("takes all of them from one --mirror, which carries the security pocket too", async () => {
		expect(await ubuntu.build({})).toMatchObject({ code: 0 });
		expect(inRelease(ubuntu.server.asked)).toEqual(
			["noble-security", "noble-updates", "noble"].map((suite) => `/ubuntu/dists/${suite}/InRelease`),
		);
	});

	it("takes the security pocket from elsewhere when it is told to", async () => {
		const room = await ubuntu.room(smallProfile('packages = ["tool"]'));
		const mirrors = ["--mirror", ubuntu.server.uri, "--mirror", "security=http://127.0.0.1:9/ubuntu"];
		const ended = await build(room, ubuntu.server, ["--profile", "./p.toml", "--base", ubuntu.base, ...mirrors, "--plan"]);
		expect(ended).toMatchObject({ code: 1 });
		expect(ended.problems).toMatch(/^error: ubuntu-24\.04's security archive cannot be used: Could not connect/);
		expect(ended.problems).toContain("another mirror: --mirror security=URL;");
	});

	it("takes updates over the release, and security over both", async () => {
		const found = versions(await ubuntu.build({ json: true }));
		const kernel = `${KERNELS["noble-updates"]}-generic`;
		expect(found).toMatchObject({
			"linux-image-generic": `${KERNELS["noble-updates"]}.1`,
			[`linux-image-${kernel}`]: `${KERNELS["noble-updates"]}.1`,
			tool: "1.0ubuntu0.1",
		});
		expect(Object.keys(found).filter((name) => name.startsWith("linux-image-"))).toHaveLength(2);
	});

	it("boots by BIOS and UEFI: grub-pc, not the conflicting grub-efi-amd64 that signed GRUB would take first", async () => {
		const found = Object.keys(versions(await ubuntu.build({ json: true })));
		expect(found).toEqual(expect.arrayContaining(["grub-pc", "grub-efi-amd64-signed", "shim-signed"]));
		expect(found).not.toContain("grub-efi-amd64");
	});

	it("asks nobody when the index is young", async () => {
		const first = await ubuntu.build({});
		ubuntu.server.asked.length = 0;
		const words = ["--profile", "./p.toml", "--base", ubuntu.base, "--mirror", ubuntu.server.uri, "--plan"];
		expect(await build(first.room, ubuntu.server, words)).toMatchObject({ code: 0 });
		expect(ubuntu.server.asked).toEqual([]);
		expect(await build(first.room, ubuntu.server, [...words, "--refresh"])).toMatchObject({ code: 0 });
		expect(inRelease(ubuntu.server.asked)).toHaveLength(3);
	});
});

describe("--base auto", () => {
	/** A room in which `ubuntu-24.04` lies at `uri` and `debian-13` at the server: its name is all that it has of Debian's. */
	async function rooms(uri: string): Promise<string> {
		const room = await ubuntu.room(smallProfile('packages = ["tool"]'));
		const bases = join(room, "profiles/bases");
		await mkdir(join(bases, "keyrings"), { recursive: true });
		await writeFile(join(bases, "keyrings/ubuntu-24.04.asc"), ubuntu.key.armoured);
		const at = (address: string) => ({
			"http://archive.ubuntu.com/ubuntu": address,
			"http://security.ubuntu.com/ubuntu": address,
		});
		await changedBase(ubuntu.base, join(bases, "ubuntu-24.04.toml"), at(uri));
		const debian = { 'name = "ubuntu-24.04"': 'name = "debian-13"', ...at(ubuntu.server.uri) };
		await changedBase(ubuntu.base, join(bases, "debian-13.toml"), debian);
		return room;
	}
	const words = ["--profile", "./p.toml", "--profiles", "profiles", "--base", "auto", "--plan"];

	it("takes the preferred base when its archive answers", async () => {
		const ended = await build(await rooms(ubuntu.server.uri), ubuntu.server, words);
		expect(ended, ended.stderr).toMatchObject({ code: 0 });
		expect(ended.stderr).toContain("base        ubuntu-24.04   (auto: its archive answers)\n");
		expect(ended.stdout).toMatch(/^p-ubuntu-24\.04-amd64$/m);
	});

	it("falls back aloud when it is dead", async () => {
		const ended = await build(await rooms("http://127.0.0.1:9/ubuntu"), ubuntu.server, words);
		expect(ended, ended.stderr).toMatchObject({ code: 0 });
		expect(ended.stderr).toMatch(
			/^base {8}debian-13 {3}\(ubuntu-24\.04's archive did not answer: Could not connect to 127\.0\.0\.1:9 .*; --base ubuntu-24\.04 --mirror URL to insist\)$/m,
		);
		expect(ended.stdout).toMatch(/^p-debian-13-amd64$/m);
		expect(ended.seconds).toBeLessThan(15);
	});

	it("falls back when it is silent, and does not wait for it again an hour long", async () => {
		ubuntu.server.faults.set("/silent/", "silent");
		const room = await rooms(`${ubuntu.server.uri}/silent`);
		const first = await build(room, ubuntu.server, words);
		expect(first, first.stderr).toMatchObject({ code: 0 });
		expect(first.stderr).toMatch(/^base {8}debian-13 {3}\(ubuntu-24\.04's archive did not answer: /m);
		expect(first.seconds).toBeLessThan(20);
		ubuntu.server.asked.length = 0;
		const second = await build(room, ubuntu.server, words);
		expect(second.stderr).toMatch(/^base {8}debian-13 {3}\(ubuntu-24\.04's archive did not answer: /m);
		expect(ubuntu.server.asked).toEqual([]);
	});

	it("does not look for Debian on a mirror of Ubuntu", async () => {
		const room = await rooms(ubuntu.server.uri);
		const ended = await build(room, ubuntu.server, [...words, "--mirror", "http://127.0.0.1:9/ubuntu"]);
		expect(ended, ended.stderr).toMatchObject({ code: 0 });
		expect(ended.stderr).toMatch(/^base {8}debian-13 /m);
	});
});

describe("extra apt sources", () => {
	const vendor = () => ubuntu.server.uri.replace("/ubuntu", "/vendor");
	const source = (more: string) =>
		`packages = ["tool"]\n[[apt.sources]]\nname = "vendor"\nuris = ["${vendor()}"]\nsuites = ["noble"]\ncomponents = ["main"]\n${more}`;

	it("are refused without a key", async () => {
		const { code, problems } = await ubuntu.build({ profile: source("") });
		expect(code).toBe(2);
		expect(problems).toMatch(/^p\.toml:8:\d+ {2}apt\.sources\[0\].*key/m);
		expect(ubuntu.server.asked).toEqual([]);
	});

	it("are refused when they are signed with another key", async () => {
		const { code, problems } = await ubuntu.build({ profile: source(`key = """${ubuntu.other.armoured}"""`) });
		expect(code).toBe(1);
		expect(problems).toMatch(
			/^error: fetching the archive's index: the archive is signed with a key that we do not trust \([0-9A-F]+\); /,
		);
		expect(problems).toContain("tried http://MIRROR/ubuntu, http://MIRROR/vendor");
	});

	it("are named when they do not answer", async () => {
		const profile = source(`key = """${ubuntu.key.armoured}"""`).replace(vendor(), "http://127.0.0.1:9/vendor");
		const { code, problems, seconds } = await ubuntu.build({ profile });
		expect(code).toBe(1);
		expect(problems).toMatch(
			/^error: apt source "vendor" cannot be used: Could not connect .*\n {2}correct its uris, or take the source out of the profile$/m,
		);
		expect(seconds).toBeLessThan(8);
	});
});
