import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeWorld } from "../../../builder/apt/world.ts";
import { readRelease } from "../../../builder/k3s/release.ts";
import type { K3sSettings } from "../../../builder/k3s/settings.ts";
import { loopback } from "../apt/loopback.ts";
import { complaintsOf, folder } from "../profile/support.ts";

const [K3S, IMAGES, OTHER] = ["1", "2", "3"].map((digit) => digit.repeat(64)) as [string, string, string];
const LIST = "/v1.34.3%2Bk3s1/sha256sum-amd64.txt";
const AIRGAP = "k3s-airgap-images-amd64.tar.zst";

interface Given {
	readonly pins?: Readonly<Record<string, string>>;
	readonly airgap?: boolean;
	readonly trust?: readonly string[];
	readonly list?: string;
}

async function release({ pins = {}, airgap = false, trust = [], list = `${K3S}  k3s\n${IMAGES}  ${AIRGAP}\n` }: Given) {
	const server = await loopback({ [LIST]: list });
	const world = await makeWorld({
		dir: join(await folder({ x: "" }), "world"),
		arch: "amd64",
		sources: "",
		recommends: false,
		options: {},
	});
	const where = (name: string) => ({ file: "k3s.toml", line: name === "k3s_version" ? 1 : 2 });
	const settings: K3sSettings = {
		version: "v1.34.3+k3s1",
		url: server.url,
		dir: undefined,
		airgap,
		pins: new Map(Object.entries(pins)),
		where,
	};
	return { server, read: () => readRelease({ settings, arch: "amd64", trust, world: async () => world }) };
}

const complaints = async (given: Given) => {
	const { server, read } = await release(given);
	return (await complaintsOf(read)).map((line) => line.replaceAll(server.url, "URL"));
};

describe("a release", () => {
	it("with pinned digests is not asked at all", async () => {
		const { server, read } = await release({ pins: { k3s_sha256_amd64: K3S } });
		const from = { url: `${server.url}/v1.34.3%2Bk3s1/k3s` };
		expect(await read()).toEqual({ files: [{ name: "k3s", sha256: K3S, from }], pins: [] });
		expect(server.asked).toEqual([]);
	});

	it("without is asked for its list, and the digest counts only once a person repeats it", async () => {
		expect(await complaints({})).toEqual([
			`k3s.toml:1 settings.k3s_version: no digest is pinned for k3s v1.34.3+k3s1; URL${LIST} says ${K3S} (compare it with what you know from elsewhere, then the same command with: --trust-k3s ${K3S}  (which also pins it))`,
		]);
		const { server, read } = await release({ trust: [K3S] });
		expect(await read()).toMatchObject({ files: [{ sha256: K3S }], pins: [{ setting: "k3s_sha256_amd64", sha256: K3S }] });
		expect(server.asked).toEqual([LIST]);
	});

	it("has images of its own when they are wanted, pinned apart", async () => {
		expect(await complaints({ airgap: true })).toEqual([
			expect.stringContaining(`--trust-k3s ${K3S}`),
			expect.stringContaining(`--trust-k3s ${IMAGES}`),
		]);
		const { read } = await release({ airgap: true, pins: { k3s_sha256_amd64: K3S }, trust: [IMAGES] });
		expect(await read()).toMatchObject({
			files: [{ name: "k3s" }, { name: AIRGAP, sha256: IMAGES }],
			pins: [{ setting: "k3s_airgap_sha256_amd64", sha256: IMAGES }],
		});
	});

	it("that differs from what a person vouches for is refused", async () => {
		expect(await complaints({ trust: [OTHER] })).toEqual([
			expect.stringContaining("no digest is pinned"),
			`--trust-k3s ${OTHER} is no digest of k3s v1.34.3+k3s1: its release says that k3s has ${K3S} (check the version and the digest)`,
		]);
	});

	it("takes a new pin in the old one's place, when a person says so", async () => {
		const { read } = await release({ pins: { k3s_sha256_amd64: OTHER }, trust: [K3S] });
		expect(await read()).toMatchObject({ files: [{ sha256: K3S }], pins: [{ setting: "k3s_sha256_amd64", sha256: K3S }] });
		expect(await complaints({ airgap: true, pins: { k3s_sha256_amd64: OTHER }, trust: [IMAGES] })).toEqual([
			expect.stringMatching(
				/^k3s\.toml:2 settings\.k3s_sha256_amd64: k3s_sha256_amd64 is 3+; for k3s v1\.34\.3\+k3s1 URL\S+ says 1+ /,
			),
		]);
	});

	it("whose list does not name what is wanted", async () => {
		expect(await complaints({ list: `${K3S}  k3s-arm64\n`, trust: [K3S] })).toEqual([
			expect.stringContaining("sha256sum-amd64.txt names no k3s"),
			expect.stringContaining(`--trust-k3s ${K3S} is no digest`),
		]);
	});
});
