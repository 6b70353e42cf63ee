import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cli, type Ended } from "./support/cli.ts";
import { type OpenImage, openImage } from "./support/image.ts";
import { leftovers, names, type Room, room } from "./support/room.ts";
import { type Built, buildArgs, built, SHARED_CACHE } from "./support/shared.ts";

/**
 * k3s on its way into an image. Where CLUSTEROS_K3S names a folder with a real one it is used as well; all else goes by a
 * stand-in: this machine's /usr/bin/true, a real program of its architecture, with a version behind it and bytes of its own.
 */
const STAND_IN = Buffer.concat([
	await readFile("/usr/bin/true"),
	Buffer.from(`\n-X github.com/k3s-io/k3s/pkg/version.Version=v1.34.3+k3s1 ${randomBytes(16).toString("hex")}\n`),
]);
const REAL = process.env.CLUSTEROS_K3S;
const RELEASE = "/v1.34.3%2Bk3s1";
const DIGEST = sha256(STAND_IN);

let at: Room;

beforeAll(async () => {
	at = await room();
});

afterAll(() => at?.[Symbol.asyncDispose]());

function sha256(content: Uint8Array): string {
	return createHash("sha256").update(content).digest("hex");
}

/** The smallest system that takes k3s. */
function profile(settings: string): string {
	return `version = 1
extends = ["testbase"]
overlays = ["k3s"]
packages = ["systemd"]
disk.size = "2GiB"

[settings]
# The line that we run.
k3s_version = "v1.34.3+k3s1" # and not the newest
${settings}`;
}

async function build(settings: string, ...more: string[]): Promise<Ended> {
	await at.write({ "site/site.toml": profile(settings) });
	const args = buildArgs(SHARED_CACHE, at.path("out"), "--profile", "./site.toml", ...more);
	return cli(args, { cwd: at.path("site"), env: { CLUSTEROS_K3S: undefined } });
}

/** A build that ends with this exit code; what it said. */
async function fails(code: number, settings: string, ...more: string[]): Promise<string> {
	const ended = await build(settings, ...more);
	expect(ended, ended.stderr).toMatchObject({ code, stdout: "" });
	expect(await names(at.path("out"))).toEqual([]);
	expect(await leftovers(SHARED_CACHE)).toEqual([]);
	return ended.stderr;
}

/** A stand-in for the release's page, or a mirror of it. */
async function mirror(
	k3s: Buffer | RequestListener,
	listed = DIGEST,
): Promise<AsyncDisposable & { url: string; asked: string[] }> {
	const asked: string[] = [];
	const server = createServer((request, response) => {
		asked.push(request.url!);
		if (request.url === `${RELEASE}/sha256sum-amd64.txt`) response.end(`${listed}  k3s\n`);
		else if (request.url !== `${RELEASE}/k3s`) response.writeHead(404).end();
		else if (typeof k3s === "function") k3s(request, response);
		else response.writeHead(200, { "content-length": k3s.length }).end(k3s);
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	const close = async () => {
		server.closeAllConnections();
		if (server.listening) await new Promise((resolve) => server.close(resolve));
	};
	return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, [Symbol.asyncDispose]: close };
}

const cut: RequestListener = (request, response) => {
	response.writeHead(200, { "content-length": STAND_IN.length });
	response.write(STAND_IN.subarray(0, 10_000), () => request.socket.destroy());
};

describe("told before a package is looked at, exit code 2", () => {
	it("a folder with a k3s of another architecture", async () => {
		const arm64 = Buffer.from(STAND_IN);
		arm64.writeUInt16LE(183, 18);
		await at.write({ "arm64/k3s": arm64 });
		expect(await fails(2, "", "--k3s-dir", "../arm64")).toMatch(
			/--k3s-dir \S+\/arm64\/k3s is a program for arm64; the image is for amd64\n +take the release's k3s$/m,
		);
	});

	it("a folder whose k3s has another digest than the pinned one", async () => {
		await at.write({ "bundled/k3s": STAND_IN });
		const said = await fails(2, `k3s_sha256_amd64 = "${"0".repeat(64)}"\n`, "--k3s-dir", "../bundled");
		expect(said).toMatch(
			new RegExp(`^site\\.toml:10:1 .*its k3s has SHA-256 ${DIGEST}; pinned for v1\\.34\\.3\\+k3s1 is 0{64}$`, "m"),
		);
		expect(said).toContain(`--trust-k3s ${DIGEST}`);
	});

	it("a folder without k3s, and one with half of the unbundled layout", async () => {
		await at.write({ "nothing/README": "", "half/k3s": STAND_IN, "half/flannel": STAND_IN });
		expect(await fails(2, "", "--k3s-dir", "../nothing")).toMatch(/nothing has no file k3s; it holds: README$/m);
		expect(await fails(2, 'k3s_dir = "../half"\n')).toMatch(/k3s_dir \S+\/half has no file containerd-shim-runc-v2;/);
	});

	it("a release without a pinned digest: its own list is shown, the binary is not fetched", async () => {
		await using page = await mirror(STAND_IN);
		const said = await fails(2, `k3s_url = "${page.url}"\n`);
		expect(said).toMatch(
			new RegExp(`^site\\.toml:9:1 .*no digest is pinned for k3s v1\\.34\\.3\\+k3s1; .* says ${DIGEST}$`, "m"),
		);
		expect(said).toContain(`--trust-k3s ${DIGEST}`);
		expect(page.asked).toEqual([`${RELEASE}/sha256sum-amd64.txt`]);
	});

	it("a digest that is not the release's", async () => {
		await using page = await mirror(STAND_IN);
		expect(await fails(2, `k3s_url = "${page.url}"\n`, "--trust-k3s", "1".repeat(64))).toMatch(
			new RegExp(`--trust-k3s 1{64} is no digest of k3s v1\\.34\\.3\\+k3s1: its release says that k3s has ${DIGEST}`),
		);
		expect(page.asked).toEqual([`${RELEASE}/sha256sum-amd64.txt`]);
	});

	it("options about k3s for a profile that has none", async () => {
		const ended = await cli(buildArgs(SHARED_CACHE, at.path("out"), "--profile", "testtop", "--k3s-dir", "/"));
		expect(ended.stderr).toMatch(/--k3s-dir: profile testtop has no k3s\n.*--profile k3s or hybrid/);
		expect(ended.code).toBe(2);
	});
});

describe("a release that cannot be had, exit code 1", () => {
	const pinned = (url: string) => `k3s_url = "${url}"\nk3s_sha256_amd64 = "${DIGEST}"\n`;
	const ELSEWHERE = /^ +.*another place: --set settings\.k3s_url=URL; files that you have: --k3s-dir DIR$/m;

	it("bytes that are not the pinned ones", async () => {
		await using page = await mirror(Buffer.from("<html>log in first</html>"));
		const said = await fails(1, pinned(page.url));
		expect(said).toMatch(new RegExp(`${RELEASE}/k3s sent other bytes than expected: SHA-256 [0-9a-f]{64} instead of ${DIGEST}`));
		expect(said).toMatch(ELSEWHERE);
	});

	it("a connection that always breaks off", async () => {
		await using page = await mirror(cut);
		const said = await fails(1, pinned(page.url));
		expect(said).toMatch(/downloading k3s v1\.34\.3\+k3s1: the server does not answer, or not to the end: /);
		expect(said).toMatch(ELSEWHERE);
		expect(page.asked.length).toBeGreaterThan(1);
	});

	it("a mirror where nobody is", async () => {
		const page = await mirror(STAND_IN);
		await page[Symbol.asyncDispose]();
		const said = await fails(1, pinned(page.url));
		expect(said).toContain(`${page.url}${RELEASE}/k3s`);
		expect(said).toMatch(ELSEWHERE);
	});
});

describe("an image with the bundled layout", () => {
	let first: Built;
	let image: OpenImage;

	beforeAll(async () => {
		await using page = await mirror(STAND_IN);
		await at.write({ "site/site.toml": profile(`k3s_url = "${page.url}"\n`), "opened/.keep": "" });
		const options = { cwd: at.path("site"), env: { CLUSTEROS_K3S: undefined } };
		first = await built(SHARED_CACHE, at.path("bundled-out"), ["--profile", "./site.toml", "--trust-k3s", DIGEST], options);
		image = await openImage(first.file("qcow2"), first.manifest, at.path("opened"));
	});

	it("has the digest that a person vouched for pinned in the profile, every other line as it was", async () => {
		const text = await readFile(at.path("site/site.toml"), "utf8");
		const version = 'k3s_version = "v1.34.3+k3s1" # and not the newest\n';
		expect(text.replace(/"http:[^"]*"/, '""')).toBe(
			profile('k3s_url = ""\n').replace(version, `${version}k3s_sha256_amd64 = "${DIGEST}"\n`),
		);
		expect(first.manifest.k3s).toEqual({ version: "v1.34.3+k3s1", layout: "bundled", sha256: DIGEST });
	});

	it("is taken from the store without --trust-k3s and without the mirror, and an edited overlay copies no program", async () => {
		const options = { cwd: at.path("site"), env: { CLUSTEROS_K3S: undefined } };
		const again = await built(SHARED_CACHE, at.path("bundled-out"), ["--profile", "./site.toml"], options);
		expect(again.made).toEqual([]);
		const edited = ["--profile", "./site.toml", "--set", "kernel.args+=quiet"];
		const other = await built(SHARED_CACHE, at.path("edited-out"), edited, options);
		expect(other.made).toEqual(["files", "disk", "qcow2"]);
	});

	it("has the binary, its links and both units, of which none is started", async () => {
		expect(sha256(await readFile(join(image.tree, "usr/local/bin/k3s")))).toBe(DIGEST);
		expect((await image.debugfs("stat /usr/local/bin/k3s")).match(/Mode: +(\d+)/)?.[1]).toBe("0755");
		const links = await image.here("find", "usr/local/bin", "usr/local/lib", "-type", "l", "-printf", "%p %l\n");
		expect(links.trim().split("\n").toSorted()).toEqual(["crictl", "ctr", "kubectl"].map((name) => `usr/local/bin/${name} k3s`));
		const units = await image.ask("systemctl", "is-enabled", "k3s-server.service", "k3s-agent.service");
		expect(units.stdout.trim()).toBe("disabled\ndisabled");
		const verified = await image.ask("systemd-analyze", "verify", "--man=no", "k3s-server.service", "k3s-agent.service");
		expect(`${verified.stdout}${verified.stderr}`).not.toMatch(/k3s-/);
	});

	it("has what k3s looks for: iptables in nft mode, runc, and CNI plugins in one folder", async () => {
		expect((await image.ask("iptables", "--version")).stdout).toMatch(/nf_tables/);
		const path = /^Environment=PATH=(.*)$/m.exec(
			await readFile(join(image.tree, "etc/systemd/system/k3s-server.service"), "utf8"),
		)![1]!;
		const found = await image.ask(
			"env",
			`PATH=${path}`,
			"which",
			"runc",
			"host-local",
			"bridge",
			"portmap",
			"loopback",
			"conntrack",
		);
		expect(found.stdout.trim().split("\n").slice(1, 5)).toEqual(
			["host-local", "bridge", "portmap", "loopback"].map((name) => `/usr/lib/cni/${name}`),
		);
		expect(found.exitCode).toBe(0);
	});

	it("has container images of its own busybox, which runs", async () => {
		await at.write({ "images/.keep": "", "layer/.keep": "" });
		const archive = join(image.tree, "var/lib/rancher/k3s/agent/images/clusteros.tar");
		await image.here("tar", "-xf", archive, "-C", at.path("images"));
		const manifest = JSON.parse(await image.here("cat", at.path("images/manifest.json"))) as {
			RepoTags: string[];
			Layers: string[];
		}[];
		expect(manifest.flatMap(({ RepoTags }) => RepoTags)).toEqual([
			"localhost/clusteros/pause:1",
			"localhost/clusteros/busybox:1",
		]);
		await image.here("tar", "-xf", at.path("images", manifest[1]!.Layers[0]!), "-C", at.path("layer"));
		expect(await image.here("chroot", at.path("layer"), "/bin/sh", "-c", "[ -x /bin/httpd ] && basename /a/pod && id -un")).toBe(
			"pod\nroot\n",
		);
	});
});

describe("an image with the unbundled layout", () => {
	it("has containerd, its shim and flannel where k3s finds them, and no crictl", async () => {
		await at.write({
			"unbundled/k3s": STAND_IN,
			"unbundled/containerd-shim-runc-v2": STAND_IN,
			"unbundled/flannel": STAND_IN,
			"site/site.toml": profile(""),
			"opened-unbundled/.keep": "",
		});
		const options = { cwd: at.path("site"), env: { CLUSTEROS_K3S: at.path("unbundled") } };
		const made = await built(SHARED_CACHE, at.path("unbundled-out"), ["--profile", "./site.toml"], options);
		expect(made.manifest.k3s).toEqual({ version: "v1.34.3+k3s1", layout: "unbundled", sha256: DIGEST });
		const image = await openImage(made.file("qcow2"), made.manifest, at.path("opened-unbundled"));
		const links = await image.here("find", "usr/local/bin", "usr/local/lib", "-type", "l", "-printf", "%p %l\n");
		expect(links.trim().split("\n").toSorted()).toEqual([
			"usr/local/bin/ctr k3s",
			"usr/local/bin/kubectl k3s",
			"usr/local/lib/k3s/containerd /usr/local/bin/k3s",
		]);
		for (const path of ["usr/local/lib/k3s/containerd-shim-runc-v2", "usr/lib/cni/flannel"])
			expect(sha256(await readFile(join(image.tree, path)))).toBe(DIGEST);
	});
});

it("an image with a real k3s, of either layout, runs it", async (context) => {
	if (!REAL) context.skip("CLUSTEROS_K3S names no folder with a real k3s");
	await at.write({ "site/site.toml": profile(""), "opened-real/.keep": "" });
	const more = ["--profile", "./site.toml", "--k3s-dir", REAL!];
	const made = await built(SHARED_CACHE, at.path("real-out"), more, { cwd: at.path("site") });
	const image = await openImage(made.file("qcow2"), made.manifest, at.path("opened-real"));
	const { stdout } = await image.ask("/usr/local/bin/k3s", "--version");
	expect(stdout).toContain(`k3s version ${made.manifest.k3s!.version}`);
});
