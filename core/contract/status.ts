import * as z from "zod";
import { formatVersion } from "./version.ts";

/** States of the agent; `booted` is the only one until a cluster is described. */
export const agentState = z.enum(["booted", "identify", "discover", "mesh", "names", "munge", "slurm", "k3s", "ready"]);

/** `/run/clusteros/status.json`: what the agent says of its node. Times are ISO 8601 in UTC. */
export const nodeStatus = z.strictObject({
	version: formatVersion,
	node: z.string().describe("Node id: stable over reboots, unique to the installation."),
	name: z.string().describe("Host name."),
	state: agentState,
	reason: z.string().optional().describe("What the state waits for or why it failed."),
	since: z.iso.datetime(),
	boot: z.string().describe("The kernel's boot id."),
});

export type NodeStatus = z.output<typeof nodeStatus>;
