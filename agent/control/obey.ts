import { isNodeName } from "../../core/node/announcement.ts";
import { type Agent, joinedOf } from "../agent.ts";
import { applySecrets } from "./apply-secrets.ts";
import type { Request } from "./protocol.ts";

/** Does what root asks; returns what to tell. @throws with the reason when it cannot be done. */
export async function obeyRequest(agent: Agent, request: Request): Promise<string> {
	if (request.op === "leave") return leave(agent);
	if (request.op === "apply-secrets") return applySecrets(agent, request.phase, request.secrets);
	return order(agent, request.op, request.name);
}

const DONE = {
	readmit: "may come back with a new key",
	forget: "is out for good",
	approve: "may join",
} as const;

async function order(agent: Agent, op: keyof typeof DONE, name: string): Promise<string> {
	if (!isNodeName(name)) throw new Error(`${JSON.stringify(name)} is no node's name`);
	const joined = joinedOf(agent);
	if (!joined.isController) {
		const names = joined.ctx.cluster.controllers.map((one) => one.name).join(" or ");
		throw new Error(`only a controller can order this: ask on ${names}`);
	}
	if (name === joined.self.name) throw new Error(`${name} is this node itself`);
	await joined.order(op, name);
	return `${name} ${DONE[op]}; nodes that are off are told when they come back`;
}

/** Goes by its own will: others drop this node now rather than wait for it. */
async function leave(agent: Agent): Promise<string> {
	const joined = joinedOf(agent);
	agent.left = true;
	agent.demand = "discover";
	await joined.gossip.rpc?.leave();
	agent.wake();
	return `${agent.name} has left the cluster; to return: systemctl restart clusteros-agent`;
}
