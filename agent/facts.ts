import { existsSync, readdirSync } from "node:fs";
import { FACT_FILES, FACT_PROGRAMS, factsOf } from "../core/node/facts.ts";
import { IMAGES, isAirgapArchive } from "../core/node/k3s-airgap.ts";
import type { NodeFacts } from "../core/node/types.ts";
import { ignoreMissing } from "./atomic-file.ts";
import { readText } from "./files.ts";
import type { World } from "./world.ts";

/** What this machine is and what its image brings. */
export function machineFacts(world: World): NodeFacts {
	const text = (path: string) => readText(world, path) ?? "";
	const has = (path: string) => existsSync(world.root + path);
	const { cpuinfo, siblings, meminfo } = FACT_FILES;
	const images = ignoreMissing(() => readdirSync(world.root + IMAGES)) ?? [];
	const brings = { slurm: has(FACT_PROGRAMS.slurm), k3s: has(FACT_PROGRAMS.k3s), airgap: images.some(isAirgapArchive) };
	return factsOf({ cpuinfo: text(cpuinfo), siblings: text(siblings), meminfo: text(meminfo) }, brings);
}
