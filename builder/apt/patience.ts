import { setTimeout as sleep } from "node:timers/promises";
import { Interrupted, UserError } from "../../core/errors.ts";
import { run } from "../../core/process/run.ts";
import { ELSEWHERE, explainAptFailure, isPassing } from "./failures.ts";

/** How long nothing may come (seconds), where the caller does not say. */
const STALL = 30;
/** How often a connection that broke is tried, and seconds between. */
const ATTEMPTS = 3;
const PAUSE = 1;
/** An attempt that ends after so long a silence (seconds) has been patient enough. */
const HOPELESS = 5;

export interface PatientSpec {
	readonly doing: string;
	readonly env: Readonly<Record<string, string>>;
	/** Bytes received so far: growth is life. */
	readonly received: () => Promise<number>;
	readonly stall?: number;
	/** Addresses in use, for the message. */
	readonly tried: readonly string[];
	readonly signal?: AbortSignal | undefined;
	readonly log?: ((line: string) => void) | undefined;
}

/**
 * Runs one of apt's programs that use the network. `argv` is asked before each attempt and may leave out what is there;
 * empty means done. Broken connections are tried again here and not by apt (Acquire::Retries is 0 in our worlds):
 * apt 2.6 waits for ever when a connection ends in the middle of a file that it means to retry.
 * @throws UserError when the archive fails, or says nothing for half a minute.
 */
export async function runPatiently(argv: () => Promise<readonly string[]>, spec: PatientSpec): Promise<void> {
	for (let attempt = 1; ; attempt++) {
		const words = await argv();
		if (words.length === 0) return;
		const lines: string[] = [];
		const life: Life = { at: performance.now(), bytes: 0 };
		try {
			return await runWatched(words, spec, lines, life);
		} catch (error) {
			const output = lines.join("\n");
			const hopeless = performance.now() - life.at > HOPELESS * 1000;
			if (attempt === ATTEMPTS || hopeless || !isPassing(error, output)) throw explainAptFailure(error, output, spec.tried);
			spec.log?.(`${spec.doing}: attempt ${attempt} of ${ATTEMPTS} failed; once more in ${PAUSE} s`);
			await sleep(PAUSE * 1000, undefined, spec.signal ? { signal: spec.signal } : {}).catch(() => {
				throw new Interrupted();
			});
		}
	}
}

/** When something last came, and how much had come by then. */
interface Life {
	at: number;
	bytes: number;
}

async function runWatched(argv: readonly string[], spec: PatientSpec, lines: string[], life: Life): Promise<void> {
	const silence = new AbortController();
	const signal = spec.signal ? AbortSignal.any([spec.signal, silence.signal]) : silence.signal;
	const watch = setInterval(() => void look(life, spec, silence), 1000);
	try {
		await run(argv, {
			doing: spec.doing,
			env: spec.env,
			signal,
			onLine: (line) => {
				if (/^(Get|Hit)/.test(line)) life.at = performance.now();
				lines.push(line);
				spec.log?.(line);
			},
		});
	} catch (error) {
		if (silence.signal.aborted && !spec.signal?.aborted) throw silent(spec);
		throw error;
	} finally {
		clearInterval(watch);
	}
}

async function look(life: Life, spec: PatientSpec, silence: AbortController): Promise<void> {
	const bytes = await spec.received();
	if (bytes !== life.bytes) Object.assign(life, { bytes, at: performance.now() });
	if (performance.now() - life.at > (spec.stall ?? STALL) * 1000) silence.abort();
}

function silent({ doing, tried, stall = STALL }: PatientSpec): UserError {
	return new UserError("failed", {
		message: `${doing}: the archive sent nothing for ${stall} s; tried ${[...new Set(tried)].join(", ")}`,
		fix: `the same command goes on where it stopped; ${ELSEWHERE}`,
	});
}
