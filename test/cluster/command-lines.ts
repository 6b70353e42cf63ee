import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Reached } from "../../cluster/reach/types.ts";
import { Interrupted } from "../../core/errors.ts";
import type { ByteSearch } from "./byte-search.ts";

/** Milliseconds between two looks here, and seconds there: short enough for a program that asks one question and ends. */
const EVERY_HERE = 20;
const EVERY_THERE = 0.2;
const LOOK = `while :; do cat /proc/[0-9]*/cmdline 2>/dev/null; echo; sleep ${EVERY_THERE}; done`;

/** Secrets in command lines, by where they were seen. */
export interface Seen {
	readonly found: ReadonlySet<string>;
	/** How many looks were taken, by place. */
	readonly looks: ReadonlyMap<string, number>;
}

/** Looks at the command lines of all processes, of this machine and of the nodes, for as long as `work` takes. */
export async function watchCommandLines(reached: Reached, search: ByteSearch, work: () => Promise<void>): Promise<Seen> {
	const found = new Set<string>();
	const looks = new Map<string, number>();
	const look = (place: string, text: Uint8Array) => {
		looks.set(place, (looks.get(place) ?? 0) + 1);
		for (const label of search.in(text)) found.add(`${place}: ${label}`);
	};
	const end = new AbortController();
	const here = async () => {
		for (; !end.signal.aborted; await sleep(EVERY_HERE)) look("this machine", commandLines());
	};
	const there = (node: string) =>
		reached
			.link(node)
			.run(["sh", "-c", LOOK], { as: "root", signal: end.signal, onLine: (line) => look(node, Buffer.from(line)) })
			.catch((error: unknown) => {
				if (!(error instanceof Interrupted)) throw error;
			});
	const watching = Promise.all([here(), ...reached.nodes.map(({ name }) => there(name))]);
	try {
		await work();
	} finally {
		end.abort();
		await watching;
	}
	return { found, looks };
}

/** Of all processes here, one after the other; what has ended meanwhile has none. */
function commandLines(): Buffer {
	const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
	return Buffer.concat(pids.map(commandLine));
}

function commandLine(pid: string): Buffer {
	try {
		return readFileSync(`/proc/${pid}/cmdline`);
	} catch {
		return Buffer.alloc(0);
	}
}
