import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cli, type Ended } from "./support/cli.ts";
import { leftovers, names, privateCache, type Room, room } from "./support/room.ts";
import { buildArgs, built, SHARED_CACHE } from "./support/shared.ts";

/** Mistakes that show only once the archive, the overlays or the tree are looked at. Each ends without a trace in OUT or the store. */

let at: Room;
let cache: string;
let before: string[];

beforeAll(async () => {
	at = await room();
	const { manifest } = await built(SHARED_CACHE, at.path("base"), ["--profile", "testtop"]);
	cache = await privateCache(
		at.path("cache"),
		manifest.steps.filter(({ id }) => id === "packages:testbase").map(({ key }) => key),
	);
});

afterAll(() => at?.[Symbol.asyncDispose]());

beforeEach(async () => {
	before = await names(at.path("cache/entries"));
});

/** Builds `site.toml`, a child of testbase with these lines, and asserts that nothing came of it but layers of packages. */
async function fails(lines: string, files: Readonly<Record<string, string>> = {}, ...more: string[]): Promise<Ended> {
	await at.write({ "site/site.toml": `version = 1\nextends = ["testbase"]\n${lines}`, ...files });
	const ended = await cli(buildArgs(cache, at.path("out"), "--profile", "./site.toml", ...more), { cwd: at.path("site") });
	expect(ended.stdout).toBe("");
	expect(await names(at.path("out"))).toEqual([]);
	expect(await leftovers(cache)).toEqual([]);
	expect(await names(at.path("cache/entries"))).toEqual(expect.arrayContaining(before));
	return ended;
}

const OVERLAY = 'version = 1\ndescription = "A test\'s."\n';

describe("before anything is made, exit code 2", () => {
	it("an unknown base, with the nearest", async () => {
		const { code, stderr } = await fails("", {}, "--base", "debian-31");
		expect(stderr).toMatch(/there is no base "debian-31"; there are: debian-13, ubuntu-24\.04$/m);
		expect(stderr).toMatch(/did you mean "debian-13"\?/);
		expect(code).toBe(2);
	});

	it("packages that do not exist, each with the line that asked for it", async () => {
		const { code, stderr } = await fails('packages = [\n\t"slrum-client",\n\t"tree",\n\t"nosuchpackage",\n]\n');
		expect(stderr).toMatch(/^site\.toml:4:2 {2}packages\[1\]: no package "slrum-client" in debian-13 \(main\)$/m);
		expect(stderr).toMatch(/^ +did you mean "slurm-client"\?$/m);
		expect(stderr).toMatch(/^site\.toml:6:2 {2}packages\[3\]: no package "nosuchpackage"/m);
		expect(stderr).toMatch(/^2 problems; nothing was built\.$/m);
		expect(code).toBe(2);
	});

	it("packages that exclude each other", async () => {
		const { code, stderr } = await fails('packages = ["postfix", "exim4-daemon-light"]\n');
		expect(stderr).toMatch(
			/^site\.toml:3:24 {2}packages\[2\]: exim4-daemon-light cannot be installed with the rest: Conflicts: /m,
		);
		expect(stderr).toMatch(/^site\.toml:3:13 {2}packages\[1\]: postfix cannot be installed with the rest: Conflicts: /m);
		expect(code).toBe(2);
	});

	it("an undefined variable of a template, where it stands", async () => {
		const files = { "site/a/overlay.toml": OVERLAY, "site/a/rootfs/etc/a.conf.hbs": "one\n{{console.sped}} {{settings.none}}\n" };
		const { code, stderr } = await fails('overlays = ["./a"]\n', files);
		expect(stderr).toMatch(/a\/rootfs\/etc\/a\.conf\.hbs:2:\d+ .*console\.sped/m);
		expect(stderr).toMatch(/did you mean "?console\.speed"?\?/);
		expect(stderr).toMatch(/a\.conf\.hbs:2:\d+ .*settings\.none/m);
		expect(code).toBe(2);
	});

	it("two overlays that write one path, both named", async () => {
		const files = {
			"site/a/overlay.toml": OVERLAY,
			"site/a/rootfs/etc/motd": "a\n",
			"site/b/overlay.toml": OVERLAY,
			"site/b/rootfs/etc/motd": "b\n",
		};
		const { code, stderr } = await fails('overlays = ["./a", "./b"]\n', files);
		expect(stderr).toMatch(/overlays "a" and "b" both write \/etc\/motd/);
		expect(stderr).toMatch(/a\/rootfs\/etc\/motd/);
		expect(stderr).toMatch(/b\/rootfs\/etc\/motd/);
		expect(code).toBe(2);
	});
});

describe("found in the tree, exit code 2", () => {
	it("an owner that no package makes", async () => {
		const files = { "site/o/overlay.toml": `${OVERLAY}[files]\n"/etc/x" = { owner = "nobdy" }\n`, "site/o/rootfs/etc/x": "" };
		const { code, stderr } = await fails('overlays = ["./o"]\n', files);
		expect(stderr).toMatch(/\/etc\/x: there is no user "nobdy" in the image/);
		expect(code).toBe(2);
	});

	it("a disk that is too small for its content, with a size that would do", async () => {
		const args = ["--profile", "slurm", "--set", "disk.size=850MiB"];
		const { code, stderr } = await cli(buildArgs(SHARED_CACHE, at.path("small"), ...args));
		expect(stderr).toMatch(/disk\.size: the root partition \(\d+ MiB\) is too small for the image's content/);
		const fix = /--set disk\.size=\d+GiB/.exec(stderr)?.[0];
		expect(fix).toBeDefined();
		expect({ code, left: await names(at.path("small")) }).toEqual({ code: 2, left: [] });
		const mended = await cli(buildArgs(SHARED_CACHE, at.path("small"), "--profile", "slurm", ...fix!.split(" "), "--plan"));
		expect(mended.code).toBe(0);
	});
});

describe("a script of the profile", () => {
	it("that fails ends the build with its own last lines, exit code 1", async () => {
		const script = "#!/bin/sh\nfor i in 1 2 3; do echo line $i; done\necho the reason >&2\nexit 42\n";
		const { code, stderr } = await fails('scripts = ["fail.sh"]\n', { "site/fail.sh": script });
		expect(stderr).toMatch(
			/^error: running the profile's script fail\.sh \(in the image, without network\): .* exited with 42$/m,
		);
		for (const line of ["line 1", "line 3", "the reason"]) expect(stderr).toContain(`| ${line}\n`);
		expect(stderr).toMatch(/^command: {2}.+$/m);
		expect(stderr).toMatch(/^log: {6}.+\.log$/m);
		expect(code).toBe(1);
	});

	it("that cannot be run is told as such", async () => {
		const { code, stderr } = await fails('scripts = ["run.sh"]\n', { "site/run.sh": "#!/no/such/shell\n" });
		expect(stderr).toMatch(/running the profile's script run\.sh/);
		expect(code).toBe(1);
	});

	it("reaches no network, not even this machine", async () => {
		let calls = 0;
		const server = createServer((socket) => {
			calls++;
			socket.destroy();
		}).listen(0, "127.0.0.1");
		await once(server, "listening");
		const { port } = server.address() as AddressInfo;
		const connect = `IO::Socket::INET->new(PeerAddr => "127.0.0.1:${port}", Timeout => 5) or die "no way out: $@\\n"`;
		const script = `#!/bin/sh\nset -e\necho interfaces $(ls /sys/class/net)\nexec perl -MIO::Socket::INET -e '${connect}'\n`;
		const { code, stderr } = await fails('scripts = ["call.sh"]\n', { "site/call.sh": script });
		server.close();
		expect(stderr).toContain("| interfaces lo\n");
		expect(stderr).toMatch(/\| no way out: .*(refused|unreachable)/i);
		expect({ code, calls }).toEqual({ code: 1, calls: 0 });
	});
});
