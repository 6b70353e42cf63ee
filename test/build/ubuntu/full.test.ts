import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dearmour } from "../../../builder/profile/openpgp.ts";
import type { Manifest } from "../../../core/contract/manifest.ts";
import { run } from "../../../core/process/run.ts";
import { ROOT } from "../support/cli.ts";
import { type OpenImage, openImage } from "../support/image.ts";
import { type Room, room } from "../support/room.ts";
import { type Built, builtFrom } from "../support/shared.ts";
import { makeArchive } from "./archive.ts";
import { build } from "./build.ts";
import { NEWER, slurmOnUbuntu } from "./full-ubuntu.ts";
import { baseWithKey, type Key, makeKey } from "./key.ts";
import { type ArchiveServer, serve } from "./server.ts";
import { makeDeb } from "./small-deb.ts";
import { EFI_FILES, KERNELS } from "./stand-ins.ts";
import { SHIPPED_BASE } from "./tiny-ubuntu.ts";

/** `slurm` on ubuntu-24.04, the whole way to a qcow2, from an archive on loopback that is laid out as Ubuntu's. */

const KERNEL = `${KERNELS["noble-updates"]}-generic`;

let at: Room;
let key: Key;
let server: ArchiveServer;
let base: string;
let slurm: Built;
let image: OpenImage;

beforeAll(async () => {
	at = await room();
	key = await makeKey(at.dir, "k");
	await makeArchive(at.path("archive"), await slurmOnUbuntu(at.path("debs")), key);
	base = await baseWithKey(SHIPPED_BASE, at.path("base"), key);
	server = await serve(at.path("archive"));
	// A connection that breaks in the middle of a package must not be the end of a build.
	server.faults.set("/libc6_", "cut once");
	slurm = await ubuntu(["--profile", "slurm"]);
	image = await opened(slurm, "qcow2");
});

afterAll(async () => {
	expect(server.strayed).toEqual([]);
	for (const one of [server, key, at]) await one[Symbol.asyncDispose]();
});

async function ubuntu(words: readonly string[]): Promise<Built> {
	const mirror = ["--base", base, "--mirror", server.uri];
	return builtFrom(await build(at.dir, server, [...words, ...mirror, "--json"]), at.path("out"));
}

/** Versions of what is installed, by name. */
function versions(manifest: Manifest): Record<string, string> {
	return Object.fromEntries(manifest.packages.map(({ name, version }) => [name, version]));
}

async function opened({ file, manifest }: Built, format: string): Promise<OpenImage> {
	const dir = at.path("opened", file(format).split("/").at(-1)!);
	await mkdir(dir, { recursive: true });
	return openImage(file(format), manifest, dir);
}

function fileOf({ tree }: OpenImage, path: string): Promise<string> {
	return readFile(join(tree, path), "utf8");
}

describe("what is installed", () => {
	it("goes on after a connection that broke", () => {
		expect(server.asked.filter((path) => path.includes("/libc6_")).length).toBeGreaterThanOrEqual(2);
	});

	it("has the newest of the three pockets, and says which indexes it saw", () => {
		expect(versions(slurm.manifest)).toMatchObject(NEWER);
		const indexes = slurm.manifest.inputs.filter(({ name }) => name.startsWith("index "));
		expect(indexes.map(({ name }) => name)).toEqual(
			["noble-security", "noble-updates", "noble"].map((suite) => `index ${suite}_InRelease`),
		);
	});

	it("has the generic kernel of the updates, with firmware and microcode, and no other kernel", async () => {
		const found = versions(slurm.manifest);
		expect(Object.keys(found).filter((name) => name.startsWith("linux-image"))).toEqual([
			`linux-image-${KERNEL}`,
			"linux-image-generic",
		]);
		expect(found).toMatchObject({ "linux-firmware": expect.anything(), "intel-microcode": expect.anything() });
		expect(slurm.manifest.kernel.version).toBe(KERNEL);
		expect(await readFile(at.path(join("out", slurm.manifest.kernel.vmlinuz.path)), "utf8")).toBe(
			`stand-in for Ubuntu's kernel ${KERNEL}\n`,
		);
		expect(slurm.manifest.kernel.initrd.size).toBeGreaterThan(1_000_000);
		expect(await fileOf(image, "boot/grub/grub.cfg")).toContain(`linux /boot/vmlinuz-${KERNEL} root=UUID=`);
	});

	it("boots by BIOS and UEFI, and by no conflicting package", () => {
		const found = versions(slurm.manifest);
		expect(Object.keys(found)).toEqual(expect.arrayContaining(["grub-pc", "grub-efi-amd64-signed", "shim-signed"]));
		expect(found).not.toHaveProperty("grub-efi-amd64");
	});

	it("has SLURM, munge, PMIx and Serf of universe", () => {
		const names = ["slurmctld", "slurmd", "slurm-client", "slurm-wlm-basic-plugins", "munge", "libpmix2t64", "serf"];
		expect(Object.keys(versions(slurm.manifest))).toEqual(expect.arrayContaining(names));
	});

	it("calls itself after its base", () => {
		expect(slurm.manifest).toMatchObject({ name: "slurm-ubuntu-24.04-amd64", base: "ubuntu-24.04" });
		expect(slurm.manifest.artifacts.map(({ file }) => file)).toEqual(["slurm-ubuntu-24.04-amd64.qcow2"]);
	});
});

describe("the boot chain on the disk", () => {
	const esp = async (path: string) => (await run(["mtype", "-i", image.esp, `::${path}`], { doing: "reading the ESP" })).stdout;
	const [shim, mok, grub] = Object.values(EFI_FILES);

	it.each([
		["EFI/BOOT/BOOTX64.EFI", shim],
		["EFI/BOOT/grubx64.efi", grub],
		["EFI/BOOT/mmx64.efi", mok],
		["EFI/ubuntu/shimx64.efi", shim],
		["EFI/ubuntu/grubx64.efi", grub],
		["EFI/ubuntu/mmx64.efi", mok],
	])("has %s", async (path, content) => {
		expect(await esp(path)).toBe(content?.trimEnd());
	});

	it("hands over to root from where Ubuntu's GRUB looks", async () => {
		const uuid = /^search\.fs_uuid (\S+) root$/m.exec(await esp("EFI/ubuntu/grub.cfg"))![1];
		expect(slurm.manifest.kernel.cmdline).toContain(`root=UUID=${uuid} `);
	});

	it("has GRUB's own BIOS image in its partition", async () => {
		const core = await readFile(join(image.tree, "boot/grub/i386-pc/core.img"));
		const start = slurm.manifest.partitions.find(({ name }) => name === "bios")!.start;
		const { stdout } = await run(
			[
				"cmp",
				`--ignore-initial=512:${start + 512}`,
				`--bytes=${core.length - 512}`,
				join(image.tree, "boot/grub/i386-pc/core.img"),
				image.raw,
			],
			{
				doing: "comparing GRUB's image",
				ok: [0, 1],
			},
		);
		expect(stdout).toBe("");
	});
});

describe("the system", () => {
	it("takes its upgrades from Ubuntu's own archive, and knows nothing of the mirror", async () => {
		expect(await fileOf(image, "etc/apt/sources.list.d/ubuntu.sources")).toBe(`Types: deb
URIs: http://archive.ubuntu.com/ubuntu
Suites: noble noble-updates
Components: main universe
Signed-By: /usr/share/keyrings/ubuntu-archive-keyring.gpg

Types: deb
URIs: http://security.ubuntu.com/ubuntu
Suites: noble-security
Components: main universe
Signed-By: /usr/share/keyrings/ubuntu-archive-keyring.gpg
`);
		const others = "find etc/apt -name '*.sources' -o -name '*.list'; grep -rlF \"$1\" etc var usr/lib/clusteros || true";
		const said = await image.here("sh", "-c", others, "sh", `127.0.0.1:${server.port}`);
		expect(said).toBe("etc/apt/sources.list.d/ubuntu.sources\n");
	});

	it("has the keyring that the sources name", async () => {
		const shipped = await readFile(join(ROOT, "profiles/bases/keyrings/ubuntu-24.04.asc"), "utf8");
		const found = await readFile(join(image.tree, "usr/share/keyrings/ubuntu-archive-keyring.gpg"));
		expect(found.equals(dearmour(shipped))).toBe(true);
	});

	it("lets cloud-init look for a NoCloud seed only, and leave apt's sources and networkd alone", async () => {
		const config = await fileOf(image, "etc/cloud/cloud.cfg.d/95-clusteros.cfg");
		expect(config).toContain("\ndatasource_list: [NoCloud, None]\n");
		expect(config).toContain("\napt:\n  preserve_sources_list: true\n");
		expect(config).toContain("\n    renderers: [networkd]\n");
		expect(await fileOf(image, "etc/cloud/ds-identify.cfg")).toMatch(/^policy: /m);
	});

	it("starts sshd as a service, and masks what only Ubuntu has", async () => {
		const links = await image.here("sh", "-c", 'cd etc/systemd/system; for unit; do readlink "$unit"; done', "sh", ...MASKED);
		expect(links.trim().split("\n")).toEqual(MASKED.map(() => "/dev/null"));
		expect(await image.here("ls", "etc/systemd/system/multi-user.target.wants")).toContain("ssh.service");
		expect(await image.here("find", "etc/systemd/system", "-name", "ssh.socket")).toBe("");
	});

	it("says what it is", async () => {
		expect(await fileOf(image, "usr/lib/os-release")).toMatch(/^ID=ubuntu$/m);
		expect(await fileOf(image, "etc/issue.d/clusteros.issue")).toContain("ubuntu-24.04");
	});
});

const MASKED = ["grub-initrd-fallback.service", "motd-news.timer"];

it("asks the archive for nothing when nothing has changed", async () => {
	server.asked.length = 0;
	const again = await ubuntu(["--profile", "slurm"]);
	expect(again.made).toEqual([]);
	expect(server.asked).toEqual([]);
});

describe("a site's own packages", () => {
	let vendor: ArchiveServer;
	let vendorKey: Key;
	let site: Built;
	let siteImage: OpenImage;
	beforeAll(async () => {
		vendorKey = await makeKey(at.dir, "v");
		const tool = { name: "vendor-tool", version: "2.5", files: { "/usr/share/vendor-tool/hello": "hello\n" } };
		const deb = await makeDeb(tool, at.path("vendor-debs"));
		await makeArchive(at.path("vendor"), [{ deb, suite: "noble", component: "main" }], vendorKey);
		vendor = await serve(at.path("vendor"));
		const local = { name: "local-tool", version: "1:0.1", fields: { Depends: "vendor-tool (>= 2)" } };
		await makeDeb({ ...local, files: { "/usr/share/local-tool/hello": "good day\n" } }, at.dir);
		await at.write({ "site.toml": siteProfile() });
		site = await ubuntu(["--profile", "./site.toml", "--format", "raw"]);
		siteImage = await opened(site, "raw");
	});
	afterAll(async () => {
		for (const one of [vendor, vendorKey]) await one?.[Symbol.asyncDispose]();
	});

	function siteProfile(): string {
		const source = (name: string, folder: string, keep: boolean) => `
[[apt.sources]]
name = "${name}"
uris = ["http://127.0.0.1:${vendor.port}/${folder}"]
suites = ["noble"]
components = ["main"]
keep = ${keep}
key = """
${vendorKey.armoured}"""
`;
		const head = 'version = 1\nextends = ["slurm"]\npackages = ["vendor-tool"]\ndebs = ["local-tool_0.1_amd64.deb"]\n';
		return [head, source("vendor", "vendor", true), source("passing", "ubuntu", false)].join("");
	}

	it("come on top of the layers that are there", () => {
		expect(site.cached).toEqual(["packages:base", "packages:slurm"]);
	});

	it("come from a signed source of its own, and from a .deb beside the profile", async () => {
		expect(versions(site.manifest)).toMatchObject({ "vendor-tool": "2.5", "local-tool": "1:0.1" });
		expect(await fileOf(siteImage, "usr/share/vendor-tool/hello")).toBe("hello\n");
		expect(await fileOf(siteImage, "usr/share/local-tool/hello")).toBe("good day\n");
	});

	it("keep their source for later upgrades, with its key, where the profile says so", async () => {
		expect(await siteImage.here("ls", "etc/apt/sources.list.d")).toBe("ubuntu.sources\nvendor.sources\n");
		const text = await fileOf(siteImage, "etc/apt/sources.list.d/vendor.sources");
		expect(text).toContain(
			`URIs: http://127.0.0.1:${vendor.port}/vendor\nSuites: noble\nComponents: main\nSigned-By:\n -----BEGIN PGP`,
		);
		const unfolded = text.slice(text.indexOf("Signed-By:\n") + 11).replaceAll(/^ \.?/gm, "");
		expect(dearmour(unfolded)).toEqual(dearmour(vendorKey.armoured));
	});
});
