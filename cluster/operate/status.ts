import { type NodeStatus, nodeStatus } from "../../core/contract/status.ts";
import { ToolError } from "../../core/errors.ts";
import { forEach } from "../reach/each.ts";
import type { Reached, ReachedNode } from "../reach/types.ts";
import { Unreachable } from "../reach/unreachable.ts";

/** One node's answer: what its agent says, or why there is none. */
export interface NodeAnswer {
	readonly name: string;
	/** As cluster.toml has them. */
	readonly roles: readonly string[];
	readonly mesh: string;
	readonly status?: NodeStatus | undefined;
	/** Why there is no status, in words, and what mends it. */
	readonly problem?: string | undefined;
	readonly fix?: string | undefined;
	/** The node answers; its agent does not. */
	readonly reached: boolean;
}

/** Seconds on metal within which an agent answers. */
const PATIENCE = 15;

/** Asks the nodes' agents, all at once; a node that does not answer is an answer too. @throws Interrupted. */
export async function askStatus(
	reached: Reached,
	nodes: readonly ReachedNode[] = reached.nodes,
	signal?: AbortSignal,
): Promise<NodeAnswer[]> {
	return forEach(nodes, (node) => askOne(reached, node, signal));
}

async function askOne(reached: Reached, node: ReachedNode, signal: AbortSignal | undefined): Promise<NodeAnswer> {
	const { name, roles, mesh } = node;
	try {
		const timeout = PATIENCE * 1000 * reached.slow;
		const { stdout } = await reached.link(name).run(["clusteros-agent", "status", "--json"], { timeout, signal });
		const status = parse(stdout);
		return status ? { name, roles, mesh, status, reached: true } : { name, roles, mesh, problem: STRANGE, reached: true };
	} catch (error) {
		if (error instanceof Unreachable)
			return { name, roles, mesh, problem: error.why, fix: error.problems[0]!.fix, reached: false };
		if (!(error instanceof ToolError)) throw error;
		return { name, roles, mesh, problem: agentProblem(error), reached: error.failure.exitCode !== null };
	}
}

const STRANGE = "its agent's answer is not a status that this version reads";

function parse(text: string): NodeStatus | undefined {
	try {
		return nodeStatus.parse(JSON.parse(text));
	} catch {
		return undefined;
	}
}

function agentProblem({ failure }: ToolError): string {
	if (failure.exitCode === null) return "it takes too long to answer";
	if (failure.exitCode === 127) return "no clusteros-agent there: was it made from a ClusterOS image?";
	return failure.tail.at(-1) ?? `clusteros-agent exited with ${failure.exitCode}`;
}

/** Seconds after which WireGuard makes a new handshake at the latest; an older one is a peer that is not heard. */
const FRESH_HANDSHAKE = 180;

/** Other nodes that this one hears over the mesh, out of those it should hear. */
export function peersOf(name: string, status: NodeStatus, names: readonly string[]): { heard: number; expected: number } {
	const members = status.members ?? [];
	const heard = members.filter(({ alive, handshake }) => alive && handshake !== undefined && handshake < FRESH_HANDSHAKE);
	const expected = new Set([...names, ...members.map((member) => member.name)]);
	expected.delete(name);
	return { heard: heard.length, expected: expected.size };
}

/** Whether a node's state is one to worry about: it is not there, or it says that something failed. */
export function isBad({ status }: NodeAnswer): boolean {
	return status === undefined || status.reason?.startsWith("failed") === true;
}
