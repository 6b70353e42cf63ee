import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Problem, UserError } from "../../core/errors.ts";
import { sha256File } from "../store/contents.ts";
import { keyOf, type Store } from "../store/store.ts";
import { bytes } from "../ui/format.ts";
import { bytesBelow } from "./bytes-below.ts";
import { runPatiently } from "./patience.ts";
import type { World } from "./world.ts";

/** A file that no package has, from an address. */
export interface DownloadSpec {
	/** For people: "k3s v1.34.3+k3s1". */
	readonly name: string;
	readonly url: string;
	readonly world: World;
	/** What a person can do when it cannot be had. */
	readonly fix: string;
	readonly signal?: AbortSignal | undefined;
	readonly log?: ((line: string) => void) | undefined;
	readonly progress?: ((text: string) => void) | undefined;
}

/** A file of the store, for as long as it is held. */
export interface KeptDownload extends AsyncDisposable {
	readonly file: string;
}

/**
 * The file with this SHA-256, from the store or fetched into it; nothing looks at it before its digest is right.
 * Two addresses that give the same bytes share them.
 * @throws UserError when it cannot be had, or is another file.
 */
export async function keepDownload(store: Store, spec: DownloadSpec & { readonly sha256: string }): Promise<KeptDownload> {
	const record = { recipe: 1, sha256: spec.sha256 };
	const held = await store.hold({
		key: keyOf(record),
		slot: `download:${spec.name}`,
		record,
		content: "files",
		build: async (dir) => {
			await download(spec, dir, "file");
			const found = await sha256File(join(dir, "file"));
			if (found !== spec.sha256) throw new UserError("failed", otherBytes(spec, found));
			return { url: spec.url };
		},
	});
	return { file: join(held.entry.dir, "file"), [Symbol.asyncDispose]: () => held[Symbol.asyncDispose]() };
}

/** Fetches a small text, such as a list of digests. @throws UserError when it cannot be had. */
export async function downloadText(spec: DownloadSpec, read: (file: string) => Promise<string>): Promise<string> {
	const dir = await mkdtemp(join(tmpdir(), "clusteros-download-"));
	try {
		await download(spec, dir, "file");
		return await read(join(dir, "file"));
	} finally {
		await rm(dir, { recursive: true, force: true });
	}
}

/** Through apt's own downloader: the machine's proxies and certificates hold, a connection that breaks is taken up again. */
async function download(spec: DownloadSpec, dir: string, name: string): Promise<void> {
	const { url, world, signal, log, progress } = spec;
	const received = async () => {
		const done = await bytesBelow(dir);
		progress?.(`${spec.name}, ${bytes(done)}`);
		return done;
	};
	try {
		await runPatiently(async () => ["/usr/lib/apt/apt-helper", "download-file", url, join(dir, name)], {
			doing: `downloading ${spec.name}`,
			env: world.env,
			received,
			tried: [url],
			signal,
			log,
		});
	} catch (error) {
		if (!(error instanceof UserError)) throw error;
		throw new UserError(
			error.kind,
			error.problems.map((problem) => inOurWords(problem, spec)),
		);
	}
}

/** The words for archives, with what fits a single file. */
function inOurWords(problem: Problem, { name, url, fix }: DownloadSpec): Problem {
	if (/\(404\)/.test(problem.message)) return { message: `there is no ${name} at ${url} (404)`, fix };
	const message = problem.message.replace("the archive", "the server");
	return { ...problem, message, fix: /disk is full/.test(message) ? problem.fix : fix };
}

function otherBytes({ name, url, sha256, fix }: DownloadSpec & { readonly sha256: string }, found: string): Problem {
	return {
		message: `${name}: ${url} sent other bytes than expected: SHA-256 ${found} instead of ${sha256}; nothing of it was kept`,
		fix: `the server changed the file, or the digest is that of another one; ${fix}`,
	};
}
