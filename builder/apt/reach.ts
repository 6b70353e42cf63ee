import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ToolError } from "../../core/errors.ts";
import { run } from "../../core/process/run.ts";
import { aptConf } from "./conf.ts";
import { hostAcquireOptions } from "./world.ts";

/** Whether an archive can be used, and in how many seconds that was known; `reason` is what apt said when it cannot. */
export interface Reached {
	readonly answers: boolean;
	/** Somebody is there, but without this suite or unwilling: an HTTP status came. */
	readonly refuses: boolean;
	readonly seconds: number;
	readonly reason: string;
}

export interface ReachOptions {
	/** Seconds until silence is an answer too. */
	readonly patience: number;
	readonly signal?: AbortSignal | undefined;
}

/**
 * Asks an archive for a suite's InRelease through apt's own downloader (the host's proxies and certificates hold),
 * without retries: an answer in seconds, be it no. The first bytes count: a slow line is no dead archive.
 */
export async function reach(uri: string, suite: string, { patience, signal }: ReachOptions): Promise<Reached> {
	const dir = await mkdtemp(join(tmpdir(), "clusteros-reach-"));
	const started = performance.now();
	const file = join(dir, "InRelease");
	const result = (answers: boolean, reason: string): Reached => {
		const refuses = /^[45]\d\d\b/.test(reason);
		return { answers, refuses, seconds: (performance.now() - started) / 1000, reason };
	};
	try {
		const config = join(dir, "apt.conf");
		await writeFile(config, aptConf({ ...(await hostAcquireOptions()), ...limits(patience) }));
		const argv = ["/usr/lib/apt/apt-helper", "download-file", inReleaseOf(uri, suite), file];
		await run(argv, { doing: `asking ${uri}`, env: { APT_CONFIG: config }, timeout: patience * 1000, signal });
		return result(true, "");
	} catch (error) {
		if (!(error instanceof ToolError)) throw error;
		const bytes = await stat(file).then(
			({ size }) => size,
			() => 0,
		);
		const said = error.failure.tail.findLast((line) => /^(E: Failed|W|Err)/.test(line));
		if (said === undefined && bytes > 0) return result(true, "");
		return result(false, said === undefined ? `no answer in ${patience} s` : inWords(said));
	} finally {
		await rm(dir, { recursive: true, force: true });
	}
}

/** apt's words without the address, which the message has. */
function inWords(said: string): string {
	return said.replace(/^\w+: (Failed to fetch \S+)?\s*/, "").replaceAll(/\s+/g, " ");
}

/** apt's own limit a second shorter than ours, so that it has the time to say why. */
function limits(patience: number): Record<string, string> {
	const seconds = String(patience - 1);
	return {
		"Acquire::Retries": "0",
		"Acquire::http::Timeout": seconds,
		"Acquire::https::Timeout": seconds,
		"APT::Sandbox::User": "root",
	};
}

/** A suite that ends in a slash is a folder of a flat archive (sources.list(5)). */
function inReleaseOf(uri: string, suite: string): string {
	return suite.endsWith("/") ? `${uri}/${suite}InRelease` : `${uri}/dists/${suite}/InRelease`;
}
