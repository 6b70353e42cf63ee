import { Command, InvalidArgumentError } from "commander";
import { type Problem, UserError } from "../../core/errors.ts";
import type { CommandContext } from "./context.ts";

/** `clusteros build` as typed. Lists and switches are always there; what is undefined was not given. */
export interface BuildOptions {
	readonly profile: string;
	/** `auto`, a name from profiles/bases, or a path. */
	readonly base?: string;
	readonly format?: readonly string[];
	readonly out: string;
	/** `URL`, or `NAME=URL` for one of the base's archives. */
	readonly mirror?: readonly string[];
	/** `key=value` and `key+=item`, in the order given. */
	readonly set: readonly string[];
	readonly arch: "amd64";
	readonly plan: boolean;
	readonly explain: boolean;
	readonly json: boolean;
	/** False with --no-cache. */
	readonly cache: boolean;
	readonly cacheDir?: string;
	readonly refresh: boolean;
	/** Folder with k3s. */
	readonly k3sDir?: string;
	/** SHA-256 digests that the person vouches for. */
	readonly trustK3s: readonly string[];
	/** Folders with profiles of the site's own. */
	readonly profiles: readonly string[];
	/** False with --no-install: missing host packages are then only named. */
	readonly install: boolean;
	readonly verbose: boolean;
}

/** The build itself; its module is loaded only when a build runs. */
export type RunBuild = (options: BuildOptions, context: CommandContext) => Promise<void>;

/** `clusteros build`: options and help only, so that --help loads nothing else. `call` is how the user starts this program. */
export function buildCommand(call: string, context: CommandContext, load: () => Promise<RunBuild>): Command {
	return (
		new Command("build")
			.description("build a bootable image from a profile")
			// Not commander's requiredOption: it would hide the typo in --profle.
			.option("-p, --profile <name>", "profile to build: a name from profiles/, or a path to a .toml file")
			.option("-b, --base <name>", "distribution: ubuntu-24.04, debian-13, a path, or auto (Ubuntu when its archive answers)")
			.option("-f, --format <list>", "image formats, such as qcow2,raw (default: the profile's)", list)
			.option("-o, --out <dir>", "where the artifacts go", "out")
			.option("--mirror <url>", "take packages from this archive; security=URL names one of several (repeatable)", mirror)
			.option("--set <key=value>", "override a value of the profile; key+=item appends (repeatable)", assignment, [])
			.option("--arch <arch>", "architecture of the image", architecture, "amd64")
			.option("--plan", "print what would be done and why, and do nothing", false)
			.option("--explain", "with --plan: print which file and line gave each value", false)
			.option("--refresh", "ask the mirror again instead of taking an answer up to a day old", false)
			.option("--no-cache", "make every step again")
			.option("--cache-dir <dir>", "where what later builds reuse is kept (default: ~/.cache/clusteros)")
			.option("--profiles <dir>", "look for profiles here too (repeatable)", collect, [])
			.option("--k3s-dir <dir>", "take k3s from this folder instead of a release (default: CLUSTEROS_K3S)")
			.option("--trust-k3s <sha256>", "accept a k3s with this digest, and pin it in the profile (repeatable)", digest, [])
			.option("--no-install", "name missing host packages instead of installing them")
			.option("--json", "print the result as JSON", false)
			.option("-v, --verbose", "show every line that programs print", false)
			.addHelpText("after", examples(call))
			.action(async (options: BuildOptions) => {
				if (options.profile === undefined) throw new UserError("usage", noProfile(call));
				await (await load())(options, context);
			})
	);
}

function noProfile(call: string): Problem {
	return { message: "which profile? --profile is missing", fix: `such as: ${call} build --profile slurm` };
}

function examples(call: string): string {
	return `
Examples:
  ${call} build --profile slurm --base auto          Ubuntu 24.04 when its archive answers, else Debian 13
  ${call} build --profile slurm --plan               what would be done, what is cached, and why not
  ${call} build --profile base --format qcow2,raw --set disk.size=8GiB --out images
  ${call} build --profile hybrid --k3s-dir ~/k3s-v1.34  SLURM and k3s, with k3s from files that you have

Exit codes: 0 done, 1 the work failed, 2 wrong usage or input, 3 this machine lacks something, 130 interrupted.
`;
}

function list(text: string): string[] {
	const items = text.split(",").map((item) => item.trim());
	if (items.includes("")) throw new InvalidArgumentError("A list such as qcow2,raw is wanted.");
	return [...new Set(items)];
}

function collect(text: string, before: readonly string[]): string[] {
	return [...before, text];
}

function digest(text: string, before: readonly string[]): string[] {
	if (!/^[0-9a-f]{64}$/.test(text)) throw new InvalidArgumentError("A SHA-256 is wanted: 64 hexadecimal digits in lower case.");
	return collect(text, before);
}

function assignment(text: string, before: readonly string[]): string[] {
	if (!/^[^=]+=/.test(text)) throw new InvalidArgumentError("key=value is wanted, such as disk.size=8GiB.");
	return collect(text, before);
}

function mirror(text: string, before: readonly string[] = []): string[] {
	if (/^([a-z][a-z0-9-]*=)?(https?:\/\/|(copy|file):\/)./.test(text)) return collect(text, before);
	throw new InvalidArgumentError("An address is wanted that starts with http://, https://, copy:/ or file:/.");
}

function architecture(text: string): string {
	if (text === "amd64") return text;
	if (text === "arm64") throw new InvalidArgumentError("arm64 images are not made yet: nobody has booted one. amd64 is.");
	throw new InvalidArgumentError("Known architectures: amd64.");
}
