import { describe, expect, it } from "vitest";
import { binaryName, parseChecksums } from "../../../builder/k3s/checksums.ts";
import { k3sLinks, k3sPrograms } from "../../../builder/k3s/layout.ts";
import { withPin } from "../../../builder/k3s/pin.ts";
import { scanVersion } from "../../../builder/k3s/version.ts";
import { folder } from "../profile/support.ts";
import { standIn } from "./stand-in.ts";

const [A, B] = ["a".repeat(64), "b".repeat(64)];

describe("where things lie in the image", () => {
	const places = (...names: string[]) =>
		k3sPrograms(
			"v1.34.3+k3s1",
			names.map((name) => ({ name, sha256: A!, from: { url: "http://x" } })),
		).map(({ name, path, mode }) => `${mode.toString(8)} ${path}  ${name}`);

	it("of the bundled layout", () => {
		expect(places("k3s", "k3s-airgap-images-amd64.tar.zst")).toEqual([
			"755 /usr/local/bin/k3s  k3s v1.34.3+k3s1",
			"644 /var/lib/rancher/k3s/agent/images/k3s-airgap-images-amd64.tar.zst  k3s-airgap-images-amd64.tar.zst",
		]);
		expect(k3sLinks("bundled").map(({ path, target }) => `${path} -> ${target}`)).toEqual([
			"/usr/local/bin/kubectl -> k3s",
			"/usr/local/bin/crictl -> k3s",
			"/usr/local/bin/ctr -> k3s",
		]);
	});

	it("of the unbundled layout: no crictl, and containerd is k3s under another name", () => {
		expect(places("k3s", "containerd-shim-runc-v2", "flannel").map((line) => line.replace(/ {2}.*/, ""))).toEqual([
			"755 /usr/local/bin/k3s",
			"755 /usr/local/lib/k3s/containerd-shim-runc-v2",
			"755 /usr/lib/cni/flannel",
		]);
		expect(k3sLinks("unbundled").map(({ path, target }) => `${path} -> ${target}`)).toEqual([
			"/usr/local/bin/kubectl -> k3s",
			"/usr/local/bin/ctr -> k3s",
			"/usr/local/lib/k3s/containerd -> /usr/local/bin/k3s",
		]);
	});
});

describe("the version in a binary", () => {
	const CHUNK = 4 * 1024 * 1024;

	it.each([0, 1000, CHUNK - 200, CHUNK - 10, CHUNK, 2 * CHUNK + 50])("is found with %i bytes before it", async (before) => {
		const dir = await folder({ k3s: Buffer.concat([Buffer.alloc(before, "x"), standIn("v1.36.3-rc1+k3s2")]) });
		expect(await scanVersion(`${dir}/k3s`)).toBe("v1.36.3-rc1+k3s2");
	});

	it("is not made up", async () => {
		const dir = await folder({ k3s: "+k3s v1.2 +k3s1 1.34.3+k3s1" });
		expect(await scanVersion(`${dir}/k3s`)).toBeUndefined();
	});
});

it("reads a release's list of digests", () => {
	const text = `${A}  k3s\r\n${B} *./k3s-airgap-images-amd64.tar.zst\n# a comment\nabc  short\n`;
	expect([...parseChecksums(text)]).toEqual([
		["k3s", A],
		["k3s-airgap-images-amd64.tar.zst", B],
	]);
	expect([binaryName("amd64"), binaryName("arm64")]).toEqual(["k3s", "k3s-arm64"]);
});

describe("pinning in a profile's text", () => {
	const pin = { setting: "k3s_sha256_amd64", sha256: A! };

	it("adds a line after the version's, and leaves every other byte alone", () => {
		const text =
			'# ours\r\nversion = 1\n\n[settings]\n\tk3s_version = "v1.34.3+k3s1" # the line that we run\nrack = "7"\n\n[disk]\nsize = "9GiB"';
		expect(withPin(text, pin)).toBe(text.replace("run\n", `run\n\tk3s_sha256_amd64 = "${A}"\n`));
	});

	it("replaces a digest and keeps what is said about it", () => {
		const text = `[settings]\nk3s_sha256_amd64="${B}"   # v1.33\nk3s_sha256_arm64 = "${B}"\nk3s_version = "v1.34.3+k3s1"\n`;
		expect(withPin(text, pin)).toBe(text.replace(`"${B}"   # v1.33`, ` "${A}"   # v1.33`));
	});

	it("writes dotted keys where the version is one", () => {
		const text = 'settings.k3s_version = "v1.34.3+k3s1"\n[disk]\n';
		expect(withPin(text, pin)).toBe(`settings.k3s_version = "v1.34.3+k3s1"\nsettings.k3s_sha256_amd64 = "${A}"\n[disk]\n`);
	});

	it("gives up where the version is written in another way", () => {
		expect(withPin('settings = { k3s_version = "v1.34.3+k3s1" }\n', pin)).toBeUndefined();
	});
});
