import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cli, type Ended, startProgram } from "../../build/support/cli.ts";
import { folder } from "../profile/support.ts";

/** Mistakes told through the real command, launcher and bundle included, before anything is looked at but files. */

interface Tried extends Ended {
	/** What there is in OUT and in the cache besides logs and the store's empty folders. */
	readonly written: readonly string[];
}

async function build(files: Readonly<Record<string, string>>, ...args: string[]): Promise<Tried> {
	const cwd = await folder(files);
	// First the defaults, so that a case can give its own.
	const words = ["build", "--base", "debian-13", "--no-install", "--cache-dir", "cache", "--out", "out", "--profiles", "."];
	const ended = await cli([...words, ...args], { cwd });
	const known = new Set(["CACHEDIR.TAG", "cache", "logs", "answers", "debs", "entries", "locks", "tmp", ...Object.keys(files)]);
	const names = await readdir(cwd, { recursive: true, withFileTypes: true });
	return {
		...ended,
		written: names.map(({ name }) => name).filter((name) => !known.has(name) && !/-build-\d+\.log$/.test(name)),
	};
}

describe("a profile with mistakes is told where they are, exit code 2, nothing written", () => {
	it.each<[string, string, RegExp[]]>([
		[
			"TOML syntax",
			'version = 1\npackages = ["a",\n[units\n',
			[/^site\.toml:3:2 {2}this is not TOML: /m, /^1 problem; nothing was built\.$/m],
		],
		[
			"an unknown key, with the nearest",
			'version = 1\nextends = ["base"]\noverlay = ["x"]\n',
			[/^site\.toml:3:1 {2}unknown key "overlay"; known here: .*\boverlays\b/m, /^ +did you mean "overlays"\?$/m],
		],
		[
			"a wrong type",
			'version = 1\nextends = ["base"]\npackages = "munge"\n',
			[/^site\.toml:3:1 {2}packages: expected a list, got "munge"$/m, /^ +write \["munge"\]$/m],
		],
		[
			"several at once",
			'version = 1\nextends = ["base"]\noverlay = ["x"]\npackages = "munge"\n[disk]\nsize = "3GB"\n',
			[
				/^site\.toml:3:1 /m,
				/^site\.toml:4:1 /m,
				/^site\.toml:6:1 {2}disk\.size: expected a size such as 512MiB or 4GiB, got "3GB"$/m,
				/^3 problems; nothing was built\.$/m,
			],
		],
		[
			"an apt source without a key",
			'version = 1\nextends = ["base"]\n[[apt.sources]]\nname = "site"\nuris = ["https://apt.example/"]\nsuites = ["x/"]\n',
			[/^site\.toml:3:1 {2}apt\.sources\[0\]: "key" is missing: .*never taken unsigned/m, /key = "NAME\.asc"/],
		],
		[
			"a disk that its own partitions fill",
			'version = 1\nextends = ["base"]\n[disk]\nsize = "512MiB"\n',
			[/^site\.toml:4:\d+ {2}disk\.size: 512MiB leaves 188 MiB for the root filesystem/m, /^ +at least 836MiB/m],
		],
		["an unknown parent", 'version = 1\nextends = ["bsae"]\n', [/^site\.toml:2:\d+ /m, /"bsae"/, /did you mean "base"\?/]],
		[
			"an unknown format",
			'version = 1\nextends = ["base"]\nformats = ["qcow"]\n',
			[/unknown format "qcow"; known: qcow2, raw$/m, /did you mean "qcow2"\?/],
		],
	])("%s", async (_what, text, expected) => {
		const tried = await build({ "site.toml": text }, "--profile", "./site.toml");
		for (const pattern of expected) expect(tried.stderr).toMatch(pattern);
		expect(tried).toMatchObject({ code: 2, stdout: "", written: [] });
	});

	it("profiles that extend each other", async () => {
		const files = { "a.toml": 'version = 1\nextends = ["b"]\n', "b.toml": 'version = 1\nextends = ["a"]\n' };
		const tried = await build(files, "--profile", "a");
		expect(tried.stderr).toMatch(/extends goes in a circle: a \(a\.toml:2:12\) → b \(b\.toml:2:12\) → a$/m);
		expect(tried.stderr).toMatch(/take one of these out/);
		expect(tried).toMatchObject({ code: 2, written: [] });
	});

	it("as JSON on standard output, and nothing on the other", async () => {
		const tried = await build({ "site.toml": "version = 1\noverlay = []\n" }, "--profile", "./site.toml", "--json");
		expect(JSON.parse(tried.stdout).error).toMatchObject({
			kind: "invalid",
			problems: [{ where: { file: "site.toml", line: 2, column: 1 } }],
		});
		expect(tried).toMatchObject({ code: 2, stderr: "", written: [] });
	});
});

describe("a wrong word on the command line is told with the right one, exit code 2, nothing written", () => {
	it.each<[string[], RegExp, RegExp]>([
		[["--profile", "slrum"], /there is no profile "slrum"; there are: .*\bslurm\b/, /did you mean "slurm"\?/],
		[["--profile", "./none.toml"], /none\.toml/, /./],
		[["--profile", "slurm", "--format", "qcow"], /unknown format "qcow"; known: qcow2, raw/, /did you mean "qcow2"\?/],
		[
			["--profile", "slurm", "--format", "iso"],
			/the iso format is planned but not made yet; made today: qcow2, raw/,
			/--format qcow2/,
		],
		[["--profile", "slurm", "--format", "qcow2,docker"], /the docker format is planned but not made yet/, /--format qcow2/],
		[["--profile", "slurm", "--arch", "arm64"], /arm64 images are not made yet/, /amd64 is/],
		[["--profile", "slurm", "--set", "disk.sise=4GiB"], /disk\.sise/, /did you mean "disk\.size"\?/],
		[["--profile", "slurm", "--set", "disk.size=512MiB"], /disk\.size: 512MiB leaves 188 MiB/, /at least 836MiB/],
	])("%j", async (args, message, fix) => {
		const tried = await build({}, ...args);
		expect(tried.stderr).toMatch(message);
		expect(tried.stderr).toMatch(fix);
		expect(tried).toMatchObject({ code: 2, stdout: "", written: [] });
	});
});

/** A folder that even root cannot write: mounted read-only where nobody else sees it. */
const READ_ONLY = 'mount -t tmpfs -o ro none "$1" && shift && exec "$@"';

describe("a folder that cannot be written is told before anything is done, exit code 3", () => {
	it.each<[string, string[], RegExp, RegExp]>([
		["OUT below a file", ["--out", "file/out"], /file is not a folder/, /another folder with --out DIR/],
		["OUT where no folder can be made", ["--out", "/proc/self/out"], /\/proc\/self/, /--out DIR/],
		["the cache below a file", ["--cache-dir", "file/cache"], /cache folder .*file\/cache/, /--cache-dir DIR/],
		[
			"the cache where no folder can be made",
			["--cache-dir", "/proc/self/cache"],
			/cache folder \/proc\/self\/cache/,
			/--cache-dir DIR/,
		],
	])("%s", async (_what, args, message, fix) => {
		const tried = await build({ file: "" }, "--profile", "slurm", ...args);
		expect(tried.stderr).toMatch(message);
		expect(tried.stderr).toMatch(fix);
		expect(tried).toMatchObject({ code: 3, stdout: "", written: [] });
	});

	it.for<[string, RegExp]>([
		["--out", /cannot be written by this user|read-only/i],
		["--cache-dir", /cannot (use|write to) the cache folder/],
	])("a read-only filesystem at %s", async ([option, message], context) => {
		const cwd = await folder({ "closed/keep": "" });
		const before = [
			"unshare",
			...(process.getuid!() === 0 ? [] : ["--user", "--map-root-user"]),
			"--mount",
			"sh",
			"-c",
			READ_ONLY,
			"sh",
		];
		const allowed = await startProgram([...before, "closed", "true"], { cwd }).ended();
		if (allowed.code !== 0) context.skip(`nothing can be mounted here: ${allowed.stderr}`);
		const words = ["build", "--profile", "slurm", "--base", "debian-13", "--no-install", "--cache-dir", "cache", "--out", "out"];
		const tried = await cli([...words, option, "closed/deep"], { cwd, before: [...before, "closed"] });
		expect(tried.stderr).toMatch(message);
		expect(tried.stderr).toContain(option);
		expect(tried).toMatchObject({ code: 3, stdout: "" });
	});

	it("leaves what is in OUT as it was", async () => {
		const cwd = await folder({ "out/slurm-debian-13-amd64.qcow2": "the last one that worked" });
		await writeFile(join(cwd, "bad.toml"), "version = 2\n");
		expect(await cli(["build", "--profile", "./bad.toml", "--base", "debian-13", "--cache-dir", "cache"], { cwd })).toMatchObject(
			{ code: 2 },
		);
		expect(await readdir(join(cwd, "out"))).toEqual(["slurm-debian-13-amd64.qcow2"]);
	});
});
