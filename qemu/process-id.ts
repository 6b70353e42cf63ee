import { readFileSync } from "node:fs";

/**
 * Whether `pid` is the process that was meant: alive (no zombie) and with `word` in its command line. Process ids are used
 * again, so that a number from a file must not be trusted, least of all with a signal.
 */
export function isProcess(pid: number, word: string): boolean {
	if (!Number.isInteger(pid) || pid <= 0) return false;
	try {
		return readFileSync(`/proc/${pid}/cmdline`, "utf8")
			.split("\0")
			.some((one) => one.includes(word));
	} catch {
		return false;
	}
}
