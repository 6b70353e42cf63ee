import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cli, type Ended } from "../support/cli.ts";
import type { ArchiveServer } from "./server.ts";

export interface Said extends Ended {
	/** What a person reads at the end: the problems, without progress; the server's address is MIRROR. */
	readonly problems: string;
	readonly seconds: number;
}

/**
 * Runs `clusteros build` in `dir` with a cache of its own and with apt settings of its own: whatever is not on loopback
 * would go to the server as to a proxy, which writes it down and refuses.
 */
export async function build(dir: string, server: ArchiveServer, words: readonly string[]): Promise<Said> {
	const args = ["build", "--no-install", "--cache-dir", join(dir, "cache"), "--out", join(dir, "out"), ...words];
	const started = performance.now();
	const ended = await cli(args, { cwd: dir, env: { APT_CONFIG: await fence(dir, server) } });
	const seconds = (performance.now() - started) / 1000;
	return { ...ended, seconds, problems: problemsIn(ended.stderr).replaceAll(`127.0.0.1:${server.port}`, "MIRROR") };
}

function problemsIn(stderr: string): string {
	const progress = /^(clusteros: bundling|base {2}|profile {2}|. .* +\d+\.\d s\b|$)/u;
	return stderr
		.split("\n")
		.filter((line) => !progress.test(line))
		.join("\n");
}

/** The host's own settings are left out, whatever they are. */
async function fence(dir: string, server: ArchiveServer): Promise<string> {
	await mkdir(join(dir, "etc-apt"), { recursive: true });
	const file = join(dir, "apt.conf");
	const proxy = `http://127.0.0.1:${server.port}`;
	const lines = [
		`Dir::Etc "${join(dir, "etc-apt")}";`,
		`Acquire::http::Proxy "${proxy}";`,
		`Acquire::https::Proxy "${proxy}";`,
		'Acquire::http::Proxy::127.0.0.1 "DIRECT";',
		"",
	];
	await writeFile(file, lines.join("\n"));
	return file;
}

/** A profile that stands alone and needs little; `more` is TOML, its first line is line 7. */
export function smallProfile(more: string, base = "ubuntu-24.04"): string {
	return `version = 1
base = "${base}"
formats = ["raw"]
kernel.flavour = "generic"
console = { serial = "ttyS0", speed = 115200 }
disk = { size = "3GiB", esp = "260MiB", seed = "64MiB", filesystem = "ext4" }
${more}
`;
}
