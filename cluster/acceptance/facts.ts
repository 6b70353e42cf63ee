import { FACT_FILES, FACT_PROGRAMS, factsOf } from "../../core/node/facts.ts";
import { IMAGES, isAirgapArchive } from "../../core/node/k3s-airgap.ts";
import type { NodeFacts } from "../../core/node/types.ts";
import type { Answer } from "./ask.ts";

const { cpuinfo, siblings, meminfo } = FACT_FILES;

/** What a node is asked so that its files can be rendered here, for {@link ask}. */
export const FACTS = {
	cpuinfo: ["grep", "^processor", cpuinfo],
	siblings: ["cat", siblings],
	meminfo: ["grep", "^MemTotal:", meminfo],
	slurm: ["test", "-x", FACT_PROGRAMS.slurm],
	k3s: ["test", "-x", FACT_PROGRAMS.k3s],
	images: ["ls", IMAGES],
} as const;

/** With these a node keeps every file that any node does. */
export const EVERYTHING: NodeFacts = { cpus: 1, threads: 1, memoryMiB: 1024, slurm: true, k3s: true, airgap: false };

/** The node's answers to {@link FACTS}. A file that it does not have is an empty one, as the agent takes it. */
export function factsFrom(seen: Readonly<Record<keyof typeof FACTS, Answer>>): NodeFacts {
	const text = ({ code, text }: Answer) => (code === 0 ? text : "");
	return factsOf(
		{ cpuinfo: text(seen.cpuinfo), siblings: text(seen.siblings), meminfo: text(seen.meminfo) },
		{
			slurm: seen.slurm.code === 0,
			k3s: seen.k3s.code === 0,
			airgap: text(seen.images).split("\n").some(isAirgapArchive),
		},
	);
}
