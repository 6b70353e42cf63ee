import { type Agent, joinedOf } from "../agent.ts";
import type { Joined } from "../joined.ts";
import type { Outcome } from "../machine.ts";

/**
 * wg0 is up with all believed peers; a worker has shaken hands with a controller. Others are not waited for.
 * Transitions to: names.
 */
export async function mesh(agent: Agent): Promise<Outcome> {
	const joined = joinedOf(agent);
	joined.meshed = true;
	await joined.keep();
	if (joined.isController) return { go: "names" };
	await joined.mesh.look(joined.roster.peers);
	agent.refresh();
	if (hasMetController(joined)) {
		joined.refusals.reason = undefined;
		return { go: "names" };
	}
	return { wait: whyNot(joined), seconds: 1 };
}

function hasMetController({ roster, mesh }: Joined): boolean {
	return roster.peers.some((peer) => peer.roles.includes("controller") && mesh.age(peer) !== undefined);
}

/** A controller that does not answer has most often another key for this name. */
function whyNot({ refusals, roster, self, entry, ctx }: Joined): string {
	if (refusals.reason !== undefined) return refusals.reason;
	const rival = roster.refused.find(({ name }) => name === self.name);
	if (rival) {
		return `the name ${self.name} belongs to another key (${rival.id}); if this node was installed anew: clusteros readmit ${self.name}`;
	}
	if (entry === undefined && ctx.cluster.join === "approve")
		return `a controller to let ${self.name} in: clusteros approve ${self.name}`;
	return `no handshake with a controller yet (UDP port ${ctx.cluster.mesh.port})`;
}
