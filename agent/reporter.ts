import type { NodeStatus, StatusMember } from "../core/contract/status.ts";
import type { Agent } from "./agent.ts";
import { writeConsole } from "./console.ts";
import type { Joined } from "./joined.ts";
import { record } from "./journal.ts";
import type { StateName } from "./machine.ts";
import { writeStatus } from "./status.ts";

/** Says what state the node is in: on the console, in the journal and in the status file. */
export class Reporter {
	readonly #agent: Agent;
	#state: StateName = "booted";
	#reason: string | undefined;
	#since = "";
	#written = "";

	constructor(agent: Agent) {
		this.#agent = agent;
	}

	/** A new state, or another reason in it. */
	report(state: StateName, reason: string | undefined): void {
		const { world, identity, name, boot, joined } = this.#agent;
		this.#state = state;
		this.#reason = reason;
		this.#since = world.now().toISOString();
		this.refresh();
		writeConsole(world, { name, state, mesh: joined?.self.mesh, reason: reason ?? identity.id });
		world.print(record(reason?.startsWith("failed") ? "error" : "info", { node: identity.id, name, state, reason, boot }));
	}

	/** Brings the status file up to date, where anything has changed. */
	refresh(): void {
		const { world, identity, name, boot, joined } = this.#agent;
		const reason = this.#reason === undefined ? {} : { reason: this.#reason };
		const own = { version: 1 as const, node: identity.id, name, state: this.#state, ...reason, since: this.#since, boot };
		const status: NodeStatus = { ...own, ...(joined && membership(joined)) };
		const text = JSON.stringify(status);
		if (text === this.#written) return;
		writeStatus(world, status);
		this.#written = text;
	}
}

function membership(joined: Joined) {
	const { ctx, self, roster, mesh, inUse } = joined;
	const members = roster.peers.map((peer): StatusMember => {
		const { name, id, mesh: address, roles, alive } = peer;
		const handshake = mesh.age(peer);
		return { name, id, mesh: address, roles: [...roles], alive, ...(handshake === undefined ? {} : { handshake }) };
	});
	const refused = roster.refused.map(({ name, id, reason }) => ({ name, id, reason }));
	return { cluster: ctx.cluster.name, roles: [...self.roles], mesh: self.mesh, generation: { ...inUse }, members, refused };
}
