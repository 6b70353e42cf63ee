import { existsSync } from "node:fs";
import type { Agent } from "../agent.ts";
import type { Outcome } from "../machine.ts";
import { CLUSTER_ID, SEED } from "../paths.ts";
import { settleSeed } from "../seed/settle.ts";

/** Seconds between two looks for a seed: a stat, no process. */
const LOOK = 3;

/** The node is up and knows who it is. Transitions to: identify, once a cluster is described. */
export async function booted({ world }: Agent): Promise<Outcome> {
	const wait = await settleSeed(world);
	if (wait !== undefined) return { wait, seconds: 60 };
	// A node that has joined before keeps its seed elsewhere, too.
	if ([`${SEED}/cluster.json`, CLUSTER_ID].some((path) => existsSync(world.root + path))) return { go: "identify" };
	return {
		wait: `no seed: attach a volume labelled CIDATA and reboot, or put cluster.json and secrets.json into ${SEED}`,
		seconds: LOOK,
	};
}
