/** One keypress arrives several times: from the terminal, from npm and from our launcher. Milliseconds. */
const SAME_PRESS = 500;
const INTERRUPTED = 130;

/** What of `process` is used here. */
export interface SignalSource {
	on(signal: "SIGINT" | "SIGTERM" | "SIGHUP", handler: () => void): unknown;
	exit(code: number): void;
	readonly stderr: { write(text: string): unknown };
}

/** A signal that fires at the first ^C, SIGTERM or hang-up. A second one, later than an echo of the first, ends the process at once. */
export function onInterrupt(source: SignalSource, now: () => number = () => performance.now()): AbortSignal {
	const stop = new AbortController();
	let first: number | undefined;
	const interrupt = () => {
		if (first === undefined) {
			first = now();
			stop.abort();
			source.stderr.write("\nstopping ... (^C again to leave at once)\n");
		} else if (now() - first > SAME_PRESS) source.exit(INTERRUPTED);
	};
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) source.on(signal, interrupt);
	return stop.signal;
}
