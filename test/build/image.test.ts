import { createHash } from "node:crypto";
import { readFile, readlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultMirror } from "../../builder/apt/host.ts";
import { sha256File } from "../../builder/store/contents.ts";
import { renderSeed, type SeedSpec } from "../../cloud-init/seed.ts";
import { networkFor } from "../../cluster/describe/seed-network.ts";
import { manifest } from "../../core/contract/manifest.ts";
import { run } from "../../core/process/run.ts";
import { TEMPLATES } from "../cloud-init/templates.ts";
import { inodes, type OpenImage, openImage } from "./support/image.ts";
import { type Room, room } from "./support/room.ts";
import { type Built, built, SHARED_CACHE } from "./support/shared.ts";
import { tracesOfThisMachine } from "./support/traces.ts";

/** The finished qcow2 of `slurm`, opened: what it holds, and what it must not hold. */

let at: Room;
let image: OpenImage;
let slurm: Built;

beforeAll(async () => {
	at = await room();
	slurm = await built(SHARED_CACHE, at.path("out"), ["--profile", "slurm"]);
	image = await openImage(slurm.file("qcow2"), slurm.manifest, at.dir);
});

afterAll(() => at?.[Symbol.asyncDispose]());

/** Lines of what a program says of the tree. */
async function lines(...argv: string[]): Promise<string[]> {
	return (await image.here(...argv)).split("\n").filter(Boolean);
}

/** Files and links below some folders of the tree; a folder that is not there holds none. */
async function filesBelow(...dirs: string[]): Promise<string[]> {
	return lines("sh", "-c", 'for dir; do [ ! -d "$dir" ] || find "$dir" ! -type d; done', "sh", ...dirs);
}

/** What runs in the tree, must succeed and say nothing on stderr. */
async function inImage(script: string, ...args: string[]): Promise<string> {
	const answer = await image.ask("sh", "-ec", script, "sh", ...args);
	expect(answer, answer.stdout + answer.stderr).toMatchObject({ exitCode: 0, stderr: "" });
	return answer.stdout;
}

/** The distribution's own archives, as mmdebstrap knows them. */
const publicArchives = () => Promise.all(["trixie", "trixie-security"].map(defaultMirror));

describe("identities and secrets", () => {
	it("has an empty machine-id, which makes systemd draw one at first boot", async () => {
		expect(await readFile(join(image.tree, "etc/machine-id"), "utf8")).toBe("");
		expect(await filesBelow("var/lib/dbus")).not.toContain("var/lib/dbus/machine-id");
	});

	it("has no ssh host key, munge key, random seed, credential secret, WireGuard key, agent's identity", async () => {
		const secret = /ssh_host_|munge\.key|random-seed|credential\.secret|authorized_keys|\.gnupg|\/(wg0\.key|identity)/;
		const found = await filesBelow("etc", "var", "root", "home");
		expect(found.filter((path) => secret.test(path))).toEqual([]);
		expect(found).toContain("etc/ssh/sshd_config");
		expect(await filesBelow("etc/munge", "etc/wireguard", "etc/clusteros", "var/lib/clusteros", "var/lib/munge")).toEqual([]);
	});

	it("has no private key in any file that is not a package's own", async () => {
		const holding = (text: string) =>
			lines("sh", "-c", 'grep -rlF --devices=skip -e "$1" etc var root home srv opt boot || true', "sh", text);
		expect(await holding("PRIVATE KEY-----")).toEqual([]);
		expect(await holding("PGP PUBLIC KEY BLOCK-----")).not.toEqual([]);
	});

	it("has no password of anybody, and nobody to log in as", async () => {
		const fields = (await lines("cat", "etc/shadow")).map((line) => line.split(":"));
		expect(fields.filter(([, password]) => !/^[!*]+$/.test(password!))).toEqual([]);
		expect(fields.map(([user]) => user)).toEqual(expect.arrayContaining(["root", "munge", "slurm"]));
		const people = (await lines("cat", "etc/passwd")).map((line) => line.split(":")).filter(([, , id]) => Number(id) >= 1000);
		expect(people.filter(([name, , , , , , shell]) => name !== "nobody" && !/nologin|false$/.test(shell!))).toEqual([]);
		expect(await filesBelow("etc/sudoers.d")).toEqual(["etc/sudoers.d/README"]);
	});

	it("lets nobody in by password: sshd's own effective settings", async () => {
		const key = "ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key";
		const settings = (await inImage(`mkdir /run/sshd; ${key}; sshd -t; sshd -T`)).split("\n");
		const wanted = [
			"passwordauthentication no",
			"kbdinteractiveauthentication no",
			"permitemptypasswords no",
			"permitrootlogin no",
		];
		expect(settings).toEqual(expect.arrayContaining(wanted));
	});
});

describe("traces of the build", () => {
	it("has no apt lists, downloaded packages, logs or scratch files", async () => {
		expect(await filesBelow("var/lib/apt/lists", "var/cache/apt", "tmp", "var/tmp", "run", "dev", "root/.cache")).toEqual([]);
		expect(await lines("find", "var/log", "-type", "f", "-size", "+0")).toEqual([]);
		expect(await filesBelow("usr/share/python3/debpython/__pycache__")).toEqual([]);
		expect(
			await lines(
				"find",
				"etc",
				"var/lib/dpkg",
				"-maxdepth",
				"1",
				"-name",
				"*-old",
				"-o",
				"-name",
				"*.dpkg-*",
				"-o",
				"-name",
				".pwd.lock",
			),
		).toEqual([]);
		expect(await filesBelow("var/lib/dpkg/updates", "var/lib/dpkg/parts", "var/lib/dpkg/tmp.ci")).toEqual([]);
	});

	it("has the distribution's public sources instead of the build's", async () => {
		expect(await filesBelow("etc/apt/sources.list.d")).toEqual(["etc/apt/sources.list.d/debian.sources"]);
		expect(await filesBelow("etc/apt/apt.conf.d")).not.toContain("etc/apt/apt.conf.d/99mmdebstrap");
		const uris = (await lines("cat", "etc/apt/sources.list.d/debian.sources")).filter((line) => line.startsWith("URIs:"));
		expect(uris).toEqual((await publicArchives()).map((uri) => `URIs: ${uri}`));
	});

	it("forbids no daemon, and asks systemd-resolved for names", async () => {
		expect(await filesBelow("usr/sbin")).not.toContain("usr/sbin/policy-rc.d");
		expect(await readlink(join(image.tree, "etc/resolv.conf"))).toBe("../run/systemd/resolve/stub-resolv.conf");
	});

	it("names no folder, host or mirror of this machine, in no file and not in the initramfs", async () => {
		const traces = await tracesOfThisMachine((await publicArchives()).map((uri) => new URL(uri).hostname));
		const search = 'cd "$1"; shift; grep -rlF --devices=skip "$@" . || [ $? = 1 ]';
		const patterns = traces.flatMap((text) => ["-e", text]);
		expect(await lines("sh", "-ec", search, "sh", image.tree, ...patterns), traces.join(" ")).toEqual([]);
		const unpack = "unmkinitramfs /boot/initrd.img-* /tmp/initrd;";
		expect(await inImage(unpack + search, "/tmp/initrd", ...patterns)).toBe("");
		// The search finds what is there.
		expect(await lines("sh", "-ec", search, "sh", join(image.tree, "etc"), "-e", "clusteros-agent")).not.toEqual([]);
		expect(await inImage(unpack + search, "/tmp/initrd", "-e", "busybox")).not.toBe("");
	});

	it("dates everything with the image's epoch, or earlier where a package brought it", async () => {
		const { epoch } = slurm.manifest;
		const all = await inodes(image);
		expect(all.length).toBeGreaterThan(10_000);
		expect(all.filter(({ times }) => times.mtime > epoch)).toEqual([]);
		expect(all.filter(({ times }) => times.atime !== epoch || times.ctime !== epoch || times.crtime !== epoch)).toEqual([]);
		expect(all.filter(({ times }) => times.mtime < epoch).length).toBeGreaterThan(5000);
	});
});

describe("the system", () => {
	it("keeps setuid programs, sticky folders and owners", async () => {
		const files = [
			"/usr/bin/sudo",
			"/usr/bin/su",
			"/usr/lib/dbus-1.0/dbus-daemon-launch-helper",
			"/tmp",
			"/var/tmp",
			"/etc/shadow",
			"/etc/munge",
		];
		const said = await image.debugfs(...files.map((file) => `stat ${file}`));
		const modes = [...said.matchAll(/Mode: +(\d+)/g)].map(([, mode]) => mode);
		expect(modes).toEqual(["04755", "04755", "04754", "01777", "01777", "0640", "0700"]);
		const munge = (await lines("cat", "etc/passwd")).find((line) => line.startsWith("munge:"))!.split(":")[2];
		expect(/User: +(\d+)/.exec(said.split("debugfs: stat /etc/munge")[1]!)![1]).toBe(munge);
	});

	it("holds exactly the packages of the manifest, all configured", async () => {
		expect(await inImage("dpkg --audit")).toBe("");
		const fields = ["Package", "Version", "Architecture", "db:Status-Status"].map((field) => `\${${field}}`).join(" ");
		const installed = (await inImage('dpkg-query -W -f "$1"', `${fields}\n`)).split("\n");
		const listed = slurm.manifest.packages.map(({ name, version, arch }) => `${name} ${version} ${arch} installed`);
		expect(installed.filter(Boolean).toSorted()).toEqual(listed.toSorted());
	});

	it("has every enabled unit, and systemd finds nothing to complain about", async () => {
		const enabled = (await inImage("systemctl list-unit-files --state=enabled --no-legend --no-pager")).split("\n");
		const units = enabled.map((line) => line.split(" ")[0]!).filter((unit) => unit !== "" && !unit.includes("@."));
		expect(units).toEqual(
			expect.arrayContaining([
				"clusteros-agent.service",
				"clusteros-host-key.service",
				"ssh.service",
				"systemd-networkd.service",
			]),
		);
		expect(units.filter((unit) => /^(munge|slurmd|slurmctld|serf)\.service$/.test(unit))).toEqual([]);
		// The agent starts these: their drop-ins must hold too.
		const ours = ["munge.service", "slurmd.service", "slurmctld.service", "getty@tty1.service", "serial-getty@ttyS0.service"];
		expect(await inImage('systemd-analyze verify --man=no "$@"', ...units, ...ours, "default.target")).toBe("");
		const broken = await image.ask(
			"sh",
			"-c",
			"printf '[Service]\\nExecStart=/none\\n' >/etc/systemd/system/x.service; systemd-analyze verify --man=no x.service",
		);
		expect(broken).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("/none is not executable") });
	});

	it("takes a seed that cloud-init/ renders: by cloud-init's own schema", async () => {
		const spec: SeedSpec = {
			instanceId: "cluster/n1/1",
			hostname: "n1",
			users: [{ name: "admin", uid: 2001, keys: ["ssh-ed25519 AAAA with: 'quotes'"], sudo: true }],
			files: [{ path: "/etc/clusteros/secrets.json", content: '{{ "a": "b" }}\n\u0085', mode: 0o600 }],
			network: {
				version: 2,
				ethernets: {
					management: networkFor([], { management: { mac: "52:54:00:00:00:02", nat: false } })!.ethernets.management!,
					lan: { match: { macaddress: "52:54:00:00:00:01" }, addresses: ["10.0.0.2/24"] },
				},
			},
		};
		const seed = renderSeed(spec, TEMPLATES);
		const check = 'printf %s "$1" >/tmp/it; cloud-init schema --annotate --schema-type "$2" --config-file /tmp/it';
		expect(await inImage(check, seed["user-data"], "cloud-config")).toContain("Valid schema");
		expect(await inImage(check, seed["network-config"]!, "network-config")).toContain("Valid schema");
	});

	it("configures cloud-init with keys that it knows", async () => {
		const drop =
			"(echo '#cloud-config'; cat /etc/cloud/cloud.cfg.d/95-clusteros.cfg) >/tmp/it; cloud-init schema -c /tmp/it --annotate";
		const { stdout } = await image.ask("sh", "-c", drop);
		const complaints = [...stdout.matchAll(/^# E\d+: (.*)$/gm)].map(([, text]) => text);
		// The schema is that of user-data: a datasource list is for files of the image, and no key type at all is our wish.
		expect(complaints).toEqual(["Additional properties are not allowed ('datasource_list' was unexpected)", "[] is too short"]);
		expect(
			await inImage("cloud-init query --format '{{ 1 }}' 2>/dev/null || true; cloud-id --help >/dev/null; cloud-init --version"),
		).toContain("cloud-init");
	});
});

describe("the disk", () => {
	it("is a whole qcow2 of the digest, size and name that the manifest says", async () => {
		const file = slurm.file("qcow2");
		const [artifact] = slurm.manifest.artifacts;
		expect(artifact).toMatchObject({ format: "qcow2", file: "slurm-debian-13-amd64.qcow2", sha256: await sha256File(file) });
		await run(["qemu-img", "check", "--output=json", file], { doing: "checking the image" });
		const info = JSON.parse((await run(["qemu-img", "info", "--output=json", file], { doing: "looking at the image" })).stdout);
		expect(info).toMatchObject({ format: "qcow2", "virtual-size": 3 * 1024 ** 3, "actual-size": expect.any(Number) });
		expect(info["format-specific"].data["compression-type"]).toBe("zstd");
		expect(info["backing-filename"]).toBeUndefined();
		expect(await readlink(at.path("out/slurm-latest.qcow2"))).toBe(basename(file));
	});

	it("has the manifest's partitions", async () => {
		const { stdout } = await run(["sfdisk", "--json", image.raw], { doing: "reading the partition table" });
		const { label, sectorsize, partitions } = JSON.parse(stdout).partitiontable;
		const seen = partitions.map(
			(one: { name: string; type: string; uuid: string; start: number; size: number }, index: number) => ({
				number: index + 1,
				name: one.name,
				type: one.type.toLowerCase(),
				uuid: one.uuid.toLowerCase(),
				start: one.start * sectorsize,
				size: one.size * sectorsize,
			}),
		);
		const wanted = slurm.manifest.partitions.map((one) => ({
			...one,
			type: one.type.toLowerCase(),
			uuid: one.uuid.toLowerCase(),
		}));
		expect(label).toBe("gpt");
		expect(seen).toEqual(wanted);
		expect(wanted.map(({ name }) => name)).toEqual(["bios", "esp", "cidata", "root"]);
	});

	it("has a root filesystem without errors", async () => {
		const { stdout } = await run(["e2fsck", "-f", "-n", image.root], { doing: "checking the filesystem" });
		expect(stdout).toMatch(/^root: \d+\/\d+ files/m);
	});

	it("boots UEFI by the distribution's signed programs, on both paths", async () => {
		const { stdout } = await run(["mdir", "-/", "-b", "-i", image.esp, "::"], { doing: "listing the ESP" });
		const files = stdout.split("\n").filter((line) => line !== "" && !line.endsWith("/"));
		const shim = "usr/lib/shim/shimx64.efi.signed";
		const grub = "usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed";
		const mok = "usr/lib/shim/mmx64.efi.signed";
		const from: Record<string, string> = {
			"::/EFI/BOOT/BOOTX64.EFI": shim,
			"::/EFI/BOOT/grubx64.efi": grub,
			"::/EFI/BOOT/mmx64.efi": mok,
			"::/EFI/debian/shimx64.efi": shim,
			"::/EFI/debian/grubx64.efi": grub,
			"::/EFI/debian/mmx64.efi": mok,
		};
		expect(files.toSorted()).toEqual([...Object.keys(from), "::/EFI/debian/grub.cfg"].toSorted());
		for (const [file, source] of Object.entries(from)) {
			await run(["mcopy", "-n", "-i", image.esp, file, at.path("taken")], { doing: "reading the ESP" });
			expect(await sha256File(at.path("taken")), file).toBe(await sha256File(join(image.tree, source)));
			await run(["rm", at.path("taken")], { doing: "tidying" });
		}
		const config = (await run(["mtype", "-i", image.esp, "::/EFI/debian/grub.cfg"], { doing: "reading the ESP" })).stdout;
		const uuid = /^Filesystem UUID: +(\S+)$/m.exec(
			(await run(["dumpe2fs", "-h", image.root], { doing: "reading the UUID" })).stdout,
		)![1];
		expect(config).toContain(`search.fs_uuid ${uuid} root`);
		expect(slurm.manifest.kernel.cmdline).toContain(`root=UUID=${uuid}`);
	});

	it("has an empty place for a seed, labelled CIDATA", async () => {
		expect((await run(["mlabel", "-s", "-i", image.seed, "::"], { doing: "reading the label" })).stdout).toMatch(
			/Volume label is CIDATA/,
		);
		expect((await run(["mdir", "-b", "-i", image.seed, "::"], { doing: "listing the seed", ok: [0, 1] })).stdout.trim()).toBe("");
	});
});

describe("the manifest", () => {
	it("lies beside the artifact as printed, and fits its contract", async () => {
		const text = await readFile(at.path("out/slurm-debian-13-amd64.manifest.json"), "utf8");
		expect(manifest.parse(JSON.parse(text))).toEqual(slurm.manifest);
	});

	it("names the kernel and initrd that are in the image, for direct boots", async () => {
		const { kernel } = slurm.manifest;
		for (const [{ path, sha256, size }, inTree] of [
			[kernel.vmlinuz, `boot/vmlinuz-${kernel.version}`],
			[kernel.initrd, `boot/initrd.img-${kernel.version}`],
		] as const) {
			const bytes = await readFile(at.path(join("out", path)));
			expect({ size: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") }).toEqual({ size, sha256 });
			expect(await sha256File(join(image.tree, inTree))).toBe(sha256);
		}
		const grub = await readFile(join(image.tree, "boot/grub/grub.cfg"), "utf8");
		expect(grub).toContain(`/boot/vmlinuz-${kernel.version} ${kernel.cmdline}`);
	});
});
