import * as z from "zod";
import { role } from "./cluster.ts";
import { formatVersion } from "./version.ts";

/** States of the agent; `booted` is where a node without a cluster description stays. */
export const agentState = z.enum(["booted", "identify", "discover", "mesh", "names", "munge", "slurm", "k3s", "ready"]);

/** Another node as this one knows it. */
const member = z.strictObject({
	name: z.string(),
	id: z.string(),
	mesh: z.ipv4(),
	roles: z.array(role),
	alive: z.boolean().describe("As gossip has it."),
	handshake: z.int().optional().describe("Age of WireGuard's last handshake in seconds."),
});

/** Who was not let in, and why. */
const refusal = z.strictObject({ name: z.string(), id: z.string(), reason: z.string() });

/** `/run/clusteros/status.json`: what the agent says of its node. Times are ISO 8601 in UTC. */
export const nodeStatus = z.strictObject({
	version: formatVersion,
	node: z.string().describe("Node id: stable over reboots, unique to the installation."),
	name: z.string().describe("Host name."),
	state: agentState,
	reason: z.string().optional().describe("What the state waits for (`waiting: …`) or why it failed (`failed: …`)."),
	since: z.iso.datetime(),
	boot: z.string().describe("The kernel's boot id."),
	cluster: z.string().optional().describe("Name of the cluster."),
	roles: z.array(role).optional(),
	mesh: z.ipv4().optional(),
	generation: z.record(z.string(), z.int()).optional().describe("Newest generation in use, by purpose."),
	members: z.array(member).optional().describe("All other members that are believed, by name."),
	refused: z.array(refusal).optional(),
});

export type NodeStatus = z.output<typeof nodeStatus>;
export type StatusMember = z.output<typeof member>;
