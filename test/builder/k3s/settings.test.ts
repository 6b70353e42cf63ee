import { expect, it } from "vitest";
import { k3sSettings, RELEASES } from "../../../builder/k3s/settings.ts";
import { complaintsOf, folder, ROOT, resolveIn } from "../profile/support.ts";

const DIGEST = "ab".repeat(32);

async function settings(lines: string, ...sets: string[]) {
	const dir = await folder({ "p/site.toml": `${ROOT}[settings]\n${lines}` });
	const resolved = await resolveIn(dir, "site", ...sets);
	return { dir, read: () => k3sSettings(resolved, dir) };
}

it("has defaults for all but the version", async () => {
	const { read } = await settings('k3s_version = "v1.34.3+k3s1"\n');
	expect(read()).toMatchObject({ version: "v1.34.3+k3s1", url: RELEASES, dir: undefined, airgap: false, pins: new Map() });
});

it("takes what is given; a folder lies beside the profile, or where the command line is typed", async () => {
	const lines = `k3s_version = "v1.35.0-rc1+k3s2"\nk3s_url = "http://mirror.example/k3s/"\nk3s_airgap = true\nk3s_dir = "./bin"\nk3s_sha256_amd64 = "${DIGEST}"\n`;
	const { dir, read } = await settings(lines);
	expect(read()).toMatchObject({
		version: "v1.35.0-rc1+k3s2",
		url: "http://mirror.example/k3s",
		dir: `${dir}/p/bin`,
		airgap: true,
		pins: new Map([["k3s_sha256_amd64", DIGEST]]),
	});
	expect(read().where("k3s_sha256_amd64")).toMatchObject({ file: "p/site.toml", line: 12 });
	const { dir: other, read: fromSet } = await settings(lines, "settings.k3s_dir=bin");
	expect(fromSet().dir).toBe(`${other}/bin`);
});

it("all mistakes are shown with their places, at once", async () => {
	const { read } = await settings(
		'k3s_version = "1.34"\nk3s_url = "mirror.example"\nk3s_sha256_amd64 = "AB"\nk3s_airgap = "yes"\nk3s_sha265_arm64 = "x"\nrack = 1\n',
	);
	expect(await complaintsOf(async () => read())).toEqual([
		'p/site.toml:8:1 settings.k3s_version: expected a release such as v1.34.3+k3s1, got "1.34"',
		expect.stringMatching(
			/^p\/site\.toml:9:1 settings\.k3s_url: expected an address that starts with https:\/\/.* got "mirror\.example"$/,
		),
		'p/site.toml:10:1 settings.k3s_sha256_amd64: expected a SHA-256: 64 hexadecimal digits in lower case, got "AB"',
		'p/site.toml:11:1 settings.k3s_airgap: expected true or false, got "yes"',
		expect.stringMatching(
			/^p\/site\.toml:12:1 settings\.k3s_sha265_arm64: there is no setting .*\(did you mean "k3s_sha256_arm64"\?\)$/,
		),
	]);
});

it("a chain that names no version is told", async () => {
	const { read } = await settings("rack = 1\n");
	expect(await complaintsOf(async () => read())).toEqual([
		expect.stringMatching(/^settings\.k3s_version: no profile of the chain says which k3s/),
	]);
});
