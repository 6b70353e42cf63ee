import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ToolError } from "../../core/errors.ts";
import { run } from "../../core/process/run.ts";
import { aptConf } from "./conf.ts";
import { hostAcquireOptions } from "./world.ts";

/** Whether an archive answers, and in how many seconds; `reason` is what apt said when it did not. */
export interface Reached {
	readonly answers: boolean;
	readonly seconds: number;
	readonly reason: string;
}

/** Seconds that an archive gets to answer. */
export const PATIENCE = 4;

/**
 * Asks an archive for a suite's InRelease through apt's own downloader (the host's proxies and certificates hold),
 * without retries: an answer in seconds, be it no.
 */
export async function reach(uri: string, suite: string, signal?: AbortSignal): Promise<Reached> {
	const dir = await mkdtemp(join(tmpdir(), "clusteros-reach-"));
	const started = performance.now();
	const took = () => (performance.now() - started) / 1000;
	try {
		const config = join(dir, "apt.conf");
		const seconds = String(PATIENCE - 1);
		const limits = {
			"Acquire::Retries": "0",
			"Acquire::http::Timeout": seconds,
			"Acquire::https::Timeout": seconds,
			"APT::Sandbox::User": "root",
		};
		await writeFile(config, aptConf({ ...(await hostAcquireOptions()), ...limits }));
		const argv = ["/usr/lib/apt/apt-helper", "download-file", `${uri}/dists/${suite}/InRelease`, join(dir, "InRelease")];
		await run(argv, { doing: `asking ${uri}`, env: { APT_CONFIG: config }, timeout: PATIENCE * 1000, signal });
		return { answers: true, seconds: took(), reason: "" };
	} catch (error) {
		if (!(error instanceof ToolError)) throw error;
		const said = error.failure.tail.findLast((line) => /^(E|W|Err)/.test(line)) ?? "no answer";
		return { answers: false, seconds: took(), reason: said.replace(/^(E|W): /, "") };
	} finally {
		await rm(dir, { recursive: true, force: true });
	}
}
