import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readFolder } from "../../../builder/k3s/folder.ts";
import { complaintsOf, folder } from "../profile/support.ts";
import { sha256, standIn } from "./stand-in.ts";

const UNBUNDLED = { k3s: standIn(), "containerd-shim-runc-v2": standIn(), flannel: standIn() };
const AIRGAP = "k3s-airgap-images-amd64.tar.zst";

async function read(files: Readonly<Record<string, string | Uint8Array>>, arch = "amd64") {
	const dir = await folder(files);
	const digest = async (file: string) => sha256(await readFile(file));
	return { dir, found: () => readFolder({ dir, by: "--k3s-dir", arch, digest }) };
}

async function wrong(files: Readonly<Record<string, string | Uint8Array>>, arch?: string): Promise<string> {
	const { dir, found } = await read(files, arch);
	return (await complaintsOf(found)).join("\n").replaceAll(dir, "DIR");
}

describe("a folder with k3s", () => {
	it("of a release has the one file", async () => {
		const { dir, found } = await read({ k3s: standIn(), README: "" });
		const from = { file: join(dir, "k3s"), size: standIn().length };
		expect(await found()).toEqual({ layout: "bundled", files: [{ name: "k3s", sha256: sha256(standIn()), from }] });
	});

	it("may have it under its name in a release", async () => {
		const { dir, found } = await read({ "k3s-arm64": standIn("v1.34.3+k3s1", 183) }, "arm64");
		expect((await found()).files).toMatchObject([{ name: "k3s", from: { file: join(dir, "k3s-arm64") } }]);
	});

	it("is unbundled when what the release would unpack lies beside it", async () => {
		const { found } = await read(UNBUNDLED);
		const { layout, files } = await found();
		expect({ layout, names: files.map(({ name }) => name) }).toEqual({ layout: "unbundled", names: Object.keys(UNBUNDLED) });
	});

	it.each([AIRGAP, "k3s-airgap-images-amd64.tar", "k3s-airgap-images-amd64.tar.gz"])(
		"brings its images along: %s",
		async (name) => {
			const { found } = await read({ k3s: standIn(), [name]: "images", "k3s-airgap-images-arm64.tar": "others" });
			expect((await found()).files.map((file) => file.name)).toEqual(["k3s", name]);
		},
	);
});

describe("a folder that will not do", () => {
	it("holds other things, or is not there", async () => {
		expect(await wrong({ "x/y": "" })).toMatch(/^--k3s-dir DIR has no file k3s; it holds: x \(a folder with/);
		const nowhere = readFolder({ dir: "/nowhere/k3s", by: "CLUSTEROS_K3S", arch: "amd64", digest: async () => "" });
		expect(await complaintsOf(() => nowhere)).toEqual([
			expect.stringMatching(/^CLUSTEROS_K3S \/nowhere\/k3s: there is no such folder/),
		]);
	});

	it("lacks a part of the unbundled layout", async () => {
		const { flannel: _, ...rest } = UNBUNDLED;
		expect(await wrong(rest)).toMatch(/^--k3s-dir DIR has no file flannel; it holds: containerd-shim-runc-v2, k3s /);
		expect(await wrong({ flannel: standIn() })).toMatch(/no file k3s;.*\n.*no file containerd-shim-runc-v2;/);
	});

	it("has programs of another architecture: each is named, and nothing is digested", async () => {
		const dir = await folder({ ...UNBUNDLED, k3s: standIn("v1.34.3+k3s1", 183), flannel: "#!/bin/sh\n" });
		const digest = () => Promise.reject(new Error("digested"));
		const said = await complaintsOf(() => readFolder({ dir, by: "k3s_dir", arch: "amd64", digest }));
		expect(said.join("\n").replaceAll(dir, "DIR")).toBe(
			"k3s_dir DIR/k3s is a program for arm64; the image is for amd64 (take the release's k3s)\n" +
				"k3s_dir DIR/flannel is no Linux program (it has no ELF header); the image is for amd64 (take the release's k3s)",
		);
	});

	it("contradicts the release's own list that lies in it", async () => {
		const list = `${sha256("other")}  k3s\n${sha256("images")} *${AIRGAP}\n`;
		const said = await wrong({ k3s: standIn(), [AIRGAP]: "images", "sha256sum-amd64.txt": list });
		expect(said).toBe(
			`--k3s-dir DIR/k3s has SHA-256 ${sha256(standIn())}; sha256sum-amd64.txt beside it says ${sha256("other")} (fetch the file again, or take the list of the same release)`,
		);
	});
});
