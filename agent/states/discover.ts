import { type Agent, joinedOf } from "../agent.ts";
import type { Joined } from "../joined.ts";
import { chooseLan, type Link, readLinks } from "../lan.ts";
import type { Outcome } from "../machine.ts";

/**
 * Gossip runs, says who this node is, and hears a controller; a controller goes on alone.
 * Transitions to: mesh.
 */
export async function discover(agent: Agent): Promise<Outcome> {
	const joined = joinedOf(agent);
	const { world } = joined.ctx;
	if (agent.left) return { wait: "this node has left the cluster; to return: systemctl restart clusteros-agent", seconds: 60 };
	const lan = findLan(agent);
	if (lan === undefined) return { wait: noLan(joined), seconds: 2 };
	if (joined.ctx.cluster.meet.length === 0) {
		// mDNS finds no way out without a default route.
		await world.exec(["ip", "route", "replace", "224.0.0.0/4", "dev", lan.name]);
	}
	await joined.serveGossip(lan.address);
	if (joined.gossip.rpc === undefined) return { wait: "Serf to answer (journalctl -b -u clusteros-serf)", seconds: 2 };
	await joined.announce();
	return waitForController(joined) ?? { go: "mesh" };
}

/** The interface to other nodes, as it is now. */
export function findLan(agent: Agent): Link | undefined {
	const joined = joinedOf(agent);
	return chooseLan(readLinks(agent.world), { mac: joined.entry?.mac, meet: joined.ctx.cluster.meet });
}

function noLan({ entry }: Joined): string {
	const which = entry?.mac === undefined ? "" : ` on the interface ${entry.mac}`;
	return `no LAN address${which}: is the cable in, and does DHCP answer?`;
}

function waitForController(joined: Joined): Outcome | undefined {
	const peers = joined.roster.peers;
	if (joined.isController || peers.some(({ alive, roles }) => alive && roles.includes("controller"))) return undefined;
	const reason = joined.refusals.reason ?? whyAlone(joined);
	// Woken by whatever gossip tells; the time is for the reason alone.
	return { wait: reason, seconds: 10 };
}

function whyAlone({ gossip, ctx, self }: Joined): string {
	const others = gossip.members.filter(({ status, tags }) => status === "alive" && tags.a !== undefined);
	const names = ctx.cluster.controllers.map(({ name }) => name).join(", ");
	if (others.length > 1) return `no controller (${names}) among the ${others.length - 1} other nodes that answer ${self.name}`;
	return `no other node answers; wrong secret, cut LAN, or ${names} not up yet?`;
}
