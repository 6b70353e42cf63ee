import { join } from "node:path";
import { ToolError, UserError } from "../../core/errors.ts";
import { changeKnownHosts, hostAlias, withHostKey } from "../reach/host-keys.ts";
import type { Reached, ReachedNode } from "../reach/types.ts";
import { Unreachable } from "../reach/unreachable.ts";

/**
 * What a controller is told about a node: `readmit` lets it in again with the key that it has now (flashed again), `approve`
 * for the first time, where unknown machines wait for that; `forget` shuts it out for good.
 */
export type Order = "readmit" | "approve" | "forget";

/** Which controller took the order, and what it said. */
export interface OrderTaken {
	readonly node: string;
	readonly controller: string;
	readonly said: string;
}

/**
 * Gives the order to the first controller that can be reached; it signs it and tells the others. After `readmit` and `forget`
 * the node's ssh host key is forgotten as well: it has another one now, or none.
 * @throws UserError when no controller can be reached; ToolError when one refuses.
 */
export async function giveOrder(reached: Reached, order: Order, node: string, signal?: AbortSignal): Promise<OrderTaken> {
	const controllers = reached.nodes.filter(({ roles }) => roles.includes("controller"));
	const taken = await firstReached(controllers, async (controller) => {
		const options = { as: "root", timeout: 30_000 * reached.slow, signal, doing: `${order} ${node} on ${controller.name}` };
		const { stdout } = await reached.link(controller.name).run(["clusteros-agent", order, node], options);
		return { node, controller: controller.name, said: stdout.trim() };
	});
	const machine = reached.nodes.find(({ name }) => name === node)?.machine;
	// A virtual machine's key is read from its console: nothing to forget there.
	if (!machine && order !== "approve") await forgetHostKey(reached, node);
	return taken;
}

async function forgetHostKey({ dir, cluster }: Reached, node: string): Promise<void> {
	await changeKnownHosts(join(dir, "known_hosts"), (before) => withHostKey(before, hostAlias(cluster.id, node), undefined));
}

async function firstReached<T>(controllers: readonly ReachedNode[], work: (controller: ReachedNode) => Promise<T>): Promise<T> {
	const problems: { message: string; fix?: string | undefined }[] = [];
	for (const controller of controllers) {
		try {
			return await work(controller);
		} catch (error) {
			if (!(error instanceof Unreachable)) throw error;
			problems.push(...error.problems);
		}
	}
	throw new UserError("failed", problems);
}

/** A name that an order may be about: a node's, or one that a controller knows from a machine that is not in cluster.toml. @throws UserError. */
export function checkName(name: string): string {
	if (/^[a-z][a-z0-9-]{0,62}$/.test(name)) return name;
	throw new UserError("usage", { message: `not a node's name: "${name}"`, fix: "one name, such as n3 or node-1f6f0a" });
}

/** A refusal by the agent is the person's to mend, not a tool that broke. */
export function refusalOf(error: unknown, order: Order, node: string): unknown {
	if (!(error instanceof ToolError) || error.failure.exitCode === null) return error;
	const said = error.failure.tail.filter((line) => line.trim() !== "").join("\n");
	return new UserError("failed", { message: `${order} ${node} was refused: ${said}` });
}
