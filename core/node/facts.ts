import type { NodeFacts } from "./types.ts";

/** Files that the facts of a machine are read from. */
export const FACT_FILES = {
	cpuinfo: "/proc/cpuinfo",
	siblings: "/sys/devices/system/cpu/cpu0/topology/thread_siblings_list",
	meminfo: "/proc/meminfo",
} as const;

/** Programs by which it shows what an image brings. */
export const FACT_PROGRAMS = { slurm: "/usr/sbin/slurmd", k3s: "/usr/local/bin/k3s" } as const;

/** Facts from the texts of {@link FACT_FILES}; a file that is not there is an empty text. */
export function factsOf(
	texts: Readonly<Record<keyof typeof FACT_FILES, string>>,
	brings: Pick<NodeFacts, "slurm" | "k3s" | "airgap">,
): NodeFacts {
	const kib = Number(/^MemTotal:\s*(\d+) kB$/m.exec(texts.meminfo)?.[1] ?? 0);
	const cpus = texts.cpuinfo.match(/^processor\s*:/gm)?.length ?? 1;
	return { cpus, threads: Math.min(cpus, listed(texts.siblings)), memoryMiB: Math.floor(kib / 1024), ...brings };
}

/** How many processors `0,4` or `0-1` stands for. */
function listed(list: string): number {
	const parts = list.trim().split(",").filter(Boolean);
	const counts = parts.map((part) => {
		const [first = 0, last = first] = part.split("-").map(Number);
		return last - first + 1;
	});
	return Math.max(
		1,
		counts.reduce((sum, count) => sum + count, 0),
	);
}
