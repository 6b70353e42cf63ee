import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "../../core/process/run.ts";
import { aptConf } from "./conf.ts";

/** A private apt: its own sources, lists and (empty) dpkg status, so that the host's apt is a tool and never a state. */
export interface World {
	readonly dir: string;
	readonly lists: string;
	/** Environment that makes apt's programs use it. */
	readonly env: { readonly APT_CONFIG: string };
}

export interface WorldSpec {
	readonly dir: string;
	readonly arch: string;
	/** deb822 text. */
	readonly sources: string;
	readonly recommends: boolean;
	readonly options: Readonly<Record<string, string>>;
	/** Folder of the lists, when another world's are to be used. */
	readonly lists?: string | undefined;
	/** dpkg status file's text: what counts as installed. */
	readonly status?: string | undefined;
}

/** Acquire options of the host that decide how archives are reached (proxies, validity of snapshots), never whether they are trusted. */
export async function hostAcquireOptions(): Promise<Record<string, string>> {
	const { stdout } = await run(["apt-config", "dump", "Acquire"], { doing: "reading this machine's apt configuration" });
	const pairs = [...stdout.matchAll(/^(Acquire::\S+) "(.*)";$/gm)].map(([, name, value]) => [name!, value!] as const);
	return Object.fromEntries(
		pairs.filter(([name]) => !/Allow|Languages|CompressionTypes|gpgv|Changelogs|IndexTargets/i.test(name)),
	);
}

/** Seconds until a connection counts as dead, unless the host's own settings say otherwise. */
const DEFAULTS = { "Acquire::http::Timeout": "10", "Acquire::https::Timeout": "10" };

/** Writes a world's folder. `status` and sources are replaced, lists stay. */
export async function makeWorld(spec: WorldSpec): Promise<World> {
	const lists = spec.lists ?? join(spec.dir, "lists");
	for (const dir of [
		spec.dir,
		join(lists, "partial"),
		join(spec.dir, "sources.list.d"),
		join(spec.dir, "preferences.d"),
		join(spec.dir, "apt.conf.d"),
		join(spec.dir, "archives/partial"),
	]) {
		await mkdir(dir, { recursive: true });
	}
	await writeFile(join(spec.dir, "sources.list.d/build.sources"), spec.sources);
	await writeFile(join(spec.dir, "status"), spec.status ?? "");
	const config = join(spec.dir, "apt.conf");
	await writeFile(config, aptConf(worldOptions(spec, lists, await hostAcquireOptions())));
	return { dir: spec.dir, lists, env: { APT_CONFIG: config } };
}

/** Everything that apt is told in a world: nothing of the host's folders, and of its options only `host`. */
export function worldOptions(
	spec: Omit<WorldSpec, "sources" | "status">,
	lists: string,
	host: Readonly<Record<string, string>>,
): Record<string, string> {
	return {
		...DEFAULTS,
		...host,
		...spec.options,
		Dir: spec.dir,
		"Dir::Etc": spec.dir,
		"Dir::Etc::sourcelist": "/dev/null",
		"Dir::Etc::trusted": "/dev/null",
		"Dir::Etc::trustedparts": "/dev/null",
		"Dir::State": spec.dir,
		"Dir::State::lists": lists,
		"Dir::State::status": join(spec.dir, "status"),
		// Beside the lists, so that every question about the same lists shares apt's parsed form of them (1 s to make).
		"Dir::Cache": dirname(lists),
		"Dir::Cache::archives": join(spec.dir, "archives"),
		"APT::Architecture": spec.arch,
		"APT::Architectures": spec.arch,
		"APT::Install-Recommends": String(spec.recommends),
		"APT::Sandbox::User": "root",
		"Acquire::Languages": "none",
		"Acquire::ForceHash": "SHA256",
		// runPatiently does that.
		"Acquire::Retries": "0",
	};
}
