import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Problem, UserError } from "../../core/errors.ts";
import { run } from "../../core/process/run.ts";
import { nearest } from "../../core/toml/nearest.ts";
import { unsolvable } from "./failures.ts";
import type { Index } from "./index.ts";
import { makeWorld } from "./world.ts";

/** One .deb of an answer: everything that names its bytes. */
export interface Deb {
	readonly name: string;
	readonly version: string;
	readonly arch: string;
	/** Bytes of the .deb, and of what it unpacks to. */
	readonly size: number;
	readonly installed: number;
	readonly sha256: string;
	readonly uri: string;
	/** apt's name for it in its archives folder. */
	readonly file: string;
}

/** What to install in one layer. */
export interface Request {
	readonly layer: string;
	readonly packages: readonly string[];
	/** Absolute paths of local .debs. */
	readonly debs: readonly string[];
}

/** What apt would install for each layer on top of those before it. */
export interface SolvedLayer {
	readonly layer: string;
	readonly debs: readonly Deb[];
}

export interface SolveSpec {
	readonly index: Index;
	readonly arch: string;
	readonly recommends: boolean;
	readonly options: Readonly<Record<string, string>>;
	readonly requests: readonly Request[];
	/** Where the profile asked for a package. */
	readonly whereOf: (name: string) => Pick<Problem, "where" | "path">;
	/** Name of the base and its components, for messages. */
	readonly archive: string;
	readonly signal?: AbortSignal | undefined;
}

/**
 * Asks apt's solver what each layer needs, without installing: the first on an empty system (with what is essential),
 * each further one with the packages before it counted as installed.
 * @throws UserError naming every package that does not exist, or the conflict.
 */
export async function solve(spec: SolveSpec): Promise<SolvedLayer[]> {
	await checkNames(spec);
	const dir = await mkdtemp(join(spec.index.world.dir, "solve-"));
	try {
		const layers: SolvedLayer[] = [];
		let status = "";
		for (const [position, request] of spec.requests.entries()) {
			const world = await makeWorld({ ...spec, dir, sources: spec.index.sources, lists: spec.index.world.lists, status });
			const asked = [...(position === 0 ? ["apt", "?essential"] : []), ...request.packages, ...request.debs];
			const found = await ask(asked, world.env, spec);
			const stanzas = await describe(found, world.env);
			layers.push({ layer: request.layer, debs: found.map((deb) => ({ ...deb, installed: installedSize(stanzas, deb.name) })) });
			const local = await Promise.all(request.debs.map(controlOf));
			status += [...stanzas.values(), ...local].map((stanza) => `${asInstalled(stanza)}\n`).join("");
		}
		return layers;
	} finally {
		await rm(dir, { recursive: true, force: true });
	}
}

async function checkNames(spec: SolveSpec): Promise<void> {
	const { stdout } = await run(["apt-cache", "pkgnames"], { doing: "listing the archive's packages", env: spec.index.world.env });
	const known = new Set(stdout.split("\n"));
	const missing = spec.requests.flatMap((request) => request.packages).filter((name) => !known.has(name.replace(/[:=].*$/, "")));
	if (missing.length === 0) return;
	throw new UserError(
		"invalid",
		missing.map((name) => {
			const close = nearest(name, [...known]);
			return {
				message: `no package "${name}" in ${spec.archive}`,
				...spec.whereOf(name),
				...(close ? { fix: `did you mean "${close}"?` } : {}),
			};
		}),
	);
}

type Found = Omit<Deb, "installed">;

async function ask(asked: readonly string[], env: Readonly<Record<string, string>>, spec: SolveSpec): Promise<Found[]> {
	const argv = ["apt-get", "--yes", "--no-remove", "--print-uris", "install", ...asked];
	const lines: string[] = [];
	const options = { doing: "working out which packages are needed", env, signal: spec.signal };
	const { stdout } = await run(argv, { ...options, onLine: (line) => void lines.push(line) }).catch((error: unknown) => {
		throw unsolvable(error, lines.join("\n"), spec.whereOf);
	});
	return parseUris(stdout);
}

/** Lines of `apt-get --print-uris`: 'URI' FILE SIZE SHA256:HASH. Sorted by name. */
export function parseUris(text: string): Found[] {
	const lines = [...text.matchAll(/^'([^']+)' (\S+) (\d+) SHA256:([0-9a-f]{64})$/gm)];
	return lines
		.map(([, uri, file, size, sha256]) => {
			const [name, version, rest] = file!.split("_") as [string, string, string];
			return {
				name,
				version: version.replaceAll("%3a", ":"),
				arch: rest.replace(/\.deb$/, ""),
				size: Number(size),
				sha256: sha256!,
				uri: uri!,
				file: file!,
			};
		})
		.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The index's paragraph of every package, by name. */
async function describe(found: readonly Found[], env: Readonly<Record<string, string>>): Promise<Map<string, string>> {
	if (found.length === 0) return new Map();
	const argv = [
		"apt-cache",
		"show",
		"--no-all-versions",
		...found.map((deb) => `${deb.name}:${deb.arch === "all" ? "all" : deb.arch}=${deb.version}`),
	];
	const { stdout } = await run(argv, { doing: "reading the packages' descriptions", env, ok: [0, 100] });
	const wanted = new Map(found.map((deb) => [deb.name, deb]));
	const stanzas = new Map<string, string>();
	for (const stanza of stdout.split(/\n\n+/)) {
		const name = field(stanza, "Package");
		if (name && wanted.get(name)?.version === field(stanza, "Version")) stanzas.set(name, stanza.trim());
	}
	return stanzas;
}

function field(stanza: string, name: string): string | undefined {
	return new RegExp(`^${name}: (.*)$`, "m").exec(stanza)?.[1];
}

/** Installed-Size is in KiB. */
function installedSize(stanzas: ReadonlyMap<string, string>, name: string): number {
	return Number(field(stanzas.get(name) ?? "", "Installed-Size") ?? 0) * 1024;
}

async function controlOf(path: string): Promise<string> {
	return (await run(["dpkg-deb", "--field", path], { doing: `reading ${path}` })).stdout.trim();
}

function asInstalled(stanza: string): string {
	return `${stanza.replace(/^Package: .*$/m, "$&\nStatus: install ok installed")}\n`;
}
