import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bytesBelow } from "./bytes-below.ts";
import { runPatiently } from "./patience.ts";
import { makeWorld, type World } from "./world.ts";

/** An archive's index as last fetched: apt's verified lists, and the digest of every pocket's InRelease. */
export interface Index {
	readonly world: World;
	readonly sources: string;
	/** ISO 8601. */
	readonly fetched: string;
	readonly pockets: readonly { readonly name: string; readonly sha256: string }[];
}

export interface IndexSpec {
	/** `<cache>/apt`. */
	readonly dir: string;
	readonly arch: string;
	readonly sources: string;
	readonly recommends: boolean;
	readonly options: Readonly<Record<string, string>>;
	/** Addresses, for messages. */
	readonly tried: readonly string[];
	readonly now: Date;
	/** Ask again whatever the age. */
	readonly refresh: boolean;
	readonly signal?: AbortSignal | undefined;
	readonly log?: ((line: string) => void) | undefined;
	/** Called before the network is used; what it throws ends the fetch. */
	readonly onFetch?: (() => void | Promise<void>) | undefined;
}

const DAY = 24 * 60 * 60 * 1000;

interface Answer {
	readonly fetched: string;
	readonly pockets: Index["pockets"];
}

/**
 * The index for these sources: the last answer when it is younger than a day, else a new one.
 * A fetch that fails leaves the last answer as it was.
 * @throws UserError when the archive does not answer, is not signed by a key we trust, or contradicts itself.
 */
export async function fetchIndex(spec: IndexSpec): Promise<Index> {
	const id = createHash("sha256")
		.update(JSON.stringify([spec.sources, spec.arch, spec.recommends, spec.options]))
		.digest("hex")
		.slice(0, 16);
	const dir = join(spec.dir, id);
	const answer = await readAnswer(dir);
	if (answer && !spec.refresh && spec.now.getTime() - Date.parse(answer.fetched) < DAY)
		return { ...answer, sources: spec.sources, world: worldAt(dir) };
	await spec.onFetch?.();
	return { ...(await update(dir, spec)), sources: spec.sources, world: worldAt(dir) };
}

function worldAt(dir: string): World {
	return { dir, lists: join(dir, "lists"), env: { APT_CONFIG: join(dir, "apt.conf") } };
}

async function readAnswer(dir: string): Promise<Answer | undefined> {
	return readFile(join(dir, "answer.json"), "utf8").then(
		(text) => JSON.parse(text) as Answer,
		() => undefined,
	);
}

/** Fetches into a copy beside the old index and swaps: a reader never sees half an index. */
async function update(dir: string, spec: IndexSpec): Promise<Answer> {
	const fresh = `${dir}.${process.pid}`;
	await rm(fresh, { recursive: true, force: true });
	await mkdir(join(fresh, "lists"), { recursive: true });
	// The old lists make apt ask "changed since?" instead of fetching 10 MB again.
	await cp(join(dir, "lists"), join(fresh, "lists"), { recursive: true, preserveTimestamps: true }).catch(() => {});
	try {
		const world = await makeWorld({ ...spec, dir: fresh });
		// Any pocket that fails fails the whole: apt by itself would go on with the others and warn.
		await runPatiently(async () => ["apt-get", "update", "--error-on=any"], {
			doing: "fetching the archive's index",
			env: world.env,
			received: () => bytesBelow(fresh),
			tried: spec.tried,
			signal: spec.signal,
			log: spec.log,
		});
		const answer = { fetched: spec.now.toISOString(), pockets: await pocketDigests(world.lists) };
		await writeFile(join(fresh, "answer.json"), JSON.stringify(answer));
		await swap(fresh, dir);
		// apt.conf names the folder it lies in.
		await makeWorld({ ...spec, dir });
		return answer;
	} finally {
		await rm(fresh, { recursive: true, force: true });
	}
}

async function swap(fresh: string, dir: string): Promise<void> {
	const old = `${dir}.old.${process.pid}`;
	await rename(dir, old).catch(() => {});
	await rename(fresh, dir);
	await rm(old, { recursive: true, force: true });
}

async function pocketDigests(lists: string): Promise<Index["pockets"]> {
	const names = (await readdir(lists)).filter((name) => /_(In)?Release$/.test(name)).toSorted();
	return Promise.all(
		names.map(async (name) => ({
			name,
			sha256: createHash("sha256")
				.update(await readFile(join(lists, name)))
				.digest("hex"),
		})),
	);
}
