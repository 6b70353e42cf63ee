import { chmod, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lookAtK3s, mustNotAskForK3s } from "../../../builder/k3s/look.ts";
import { writePins } from "../../../builder/k3s/pin.ts";
import type { ObserveSpec } from "../../../builder/observe/spec.ts";
import type { Store } from "../../../builder/store/store.ts";
import { complaintsOf, folder, ROOT, resolveIn } from "../profile/support.ts";
import { sha256, standIn } from "./stand-in.ts";

const VERSION = 'k3s_version = "v1.34.3+k3s1"\n';
const AIRGAP = "k3s-airgap-images-amd64.tar.zst";
const DIGEST = sha256(standIn("v1.36.3+k3s1"));
/** What looking at a folder asks of a store. */
const store = {
	fileDigest: async (file: string) => sha256(await readFile(file)),
	memo: async (_name: string, _record: object, make: () => Promise<unknown>) => make(),
} as unknown as Store;

interface Given {
	readonly settings?: string;
	readonly sets?: readonly string[];
	readonly trust?: readonly string[];
	readonly k3sDir?: string;
	readonly env?: NodeJS.ProcessEnv;
}

/** A profile, and folders with different k3s. */
async function look({ settings = "", sets = [], trust = [], k3sDir, env = {} }: Given) {
	const dir = await folder({
		"p/site.toml": `${ROOT}[settings]\n${VERSION}${settings}`,
		"one/k3s": standIn("v1.36.3+k3s1"),
		"two/k3s": standIn("v1.35.0+k3s1"),
		"three/k3s": standIn("nobody says"),
		[`images/${AIRGAP}`]: "images",
		"images/k3s": standIn("v1.36.3+k3s1"),
	});
	const resolved = await resolveIn(dir, "site", ...sets);
	const common = { resolved, arch: "amd64", cwd: dir, store, signal: new AbortController().signal, log: () => {} };
	const spec = { ...common, k3sDir, trustK3s: trust, env } as unknown as ObserveSpec;
	return { dir, resolved, spec, look: () => lookAtK3s(spec) };
}

const wrong = async (given: Given) => {
	const { dir, look: again } = await look(given);
	return (await complaintsOf(again)).map((line) => line.replaceAll(dir, "DIR"));
};

describe("the folder", () => {
	it.each<[string, Given, string]>([
		[
			"--k3s-dir, before all others",
			{ k3sDir: "one", settings: 'k3s_dir = "../two"\n', env: { CLUSTEROS_K3S: "two" } },
			"v1.36.3+k3s1",
		],
		[
			"the profile's, before the environment's",
			{ settings: 'k3s_dir = "../one"\n', env: { CLUSTEROS_K3S: "two" } },
			"v1.36.3+k3s1",
		],
		["the environment's", { env: { CLUSTEROS_K3S: "two" } }, "v1.35.0+k3s1"],
		["one whose binary does not say its version", { k3sDir: "three" }, "unknown"],
	])("%s", async (_what, given, version) => {
		const { look: again } = await look(given);
		expect((await again()).observed).toMatchObject({ version, layout: "bundled" });
	});

	it("is held to the digests that the profile pins, each of its files", async () => {
		const pins = `k3s_sha256_amd64 = "${"0".repeat(64)}"\nk3s_airgap_sha256_amd64 = "${"1".repeat(64)}"\n`;
		expect(await wrong({ k3sDir: "images", settings: pins })).toEqual([
			expect.stringMatching(/^p\/site\.toml:9:1 settings\.k3s_sha256_amd64: --k3s-dir DIR\/images: its k3s has SHA-256 /),
			expect.stringMatching(
				/^p\/site\.toml:10:1 settings\.k3s_airgap_sha256_amd64: --k3s-dir DIR\/images: its k3s-airgap\S+ has /,
			),
		]);
		const right = `k3s_sha256_amd64 = "${DIGEST}"\nk3s_airgap_sha256_amd64 = "${sha256("images")}"\n`;
		const { look: again } = await look({ k3sDir: "images", settings: right });
		expect((await again()).pins).toEqual([]);
	});

	it("is held to --trust-k3s, which pins what is new", async () => {
		expect(await wrong({ k3sDir: "one", trust: ["2".repeat(64)] })).toEqual([expect.stringMatching(/--trust-k3s says 2{64} /)]);
		const { look: again } = await look({ k3sDir: "one", trust: [DIGEST], settings: `k3s_sha256_amd64 = "${"0".repeat(64)}"\n` });
		expect((await again()).pins).toEqual([{ setting: "k3s_sha256_amd64", sha256: DIGEST }]);
	});

	it("has to have the images that the profile wants", async () => {
		expect(await wrong({ k3sDir: "one", settings: "k3s_airgap = true\n" })).toEqual([
			expect.stringMatching(
				/^p\/site\.toml:9:1 settings\.k3s_airgap: k3s_airgap is true, and --k3s-dir DIR\/one has no k3s-airgap-images-amd64\.tar,/,
			),
		]);
	});
});

it("a profile without k3s refuses options about it, and passes over the environment", async () => {
	const { spec } = await look({ k3sDir: "one", trust: [DIGEST] });
	expect(await complaintsOf(async () => mustNotAskForK3s(spec))).toEqual([
		expect.stringMatching(/^--k3s-dir and --trust-k3s: profile site has no k3s /),
	]);
	const { spec: quiet } = await look({ env: { CLUSTEROS_K3S: "one" } });
	expect(() => mustNotAskForK3s(quiet)).not.toThrow();
});

describe("pins are written", () => {
	const pin = { setting: "k3s_sha256_amd64", sha256: DIGEST };
	const line = `k3s_sha256_amd64 = "${DIGEST}"`;

	it("to the profile that names the version, its mode as it was", async () => {
		const { dir, resolved } = await look({});
		const file = join(dir, "p/site.toml");
		await chmod(file, 0o640);
		const before = await readFile(file, "utf8");
		expect(await writePins([pin], resolved, dir)).toEqual([{ line, file: "p/site.toml" }]);
		expect(await readFile(file, "utf8")).toBe(before.replace(VERSION, `${VERSION}${line}\n`));
		expect((await stat(file)).mode & 0o777).toBe(0o640);
	});

	it("nowhere, when the command line named the version: the line is given back", async () => {
		const { dir, resolved } = await look({ sets: ["settings.k3s_version=v1.35.0+k3s1"] });
		expect(await writePins([pin], resolved, dir)).toEqual([{ line, file: undefined }]);
	});
});
