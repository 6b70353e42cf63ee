import type { NodeStatus } from "../core/contract/status.ts";
import { explain } from "./explain.ts";
import { readStatus } from "./status.ts";
import type { World } from "./world.ts";

export type Form = "words" | "json" | "explained";

/** What the running agent last said of its node. Returns the exit code. */
export function showStatus(world: World, form: Form): number {
	const status = readStatus(world);
	if (status === undefined) {
		process.stderr.write("the agent has said nothing since boot; see: journalctl -b -u clusteros-agent\n");
		return 1;
	}
	world.print({ words: inWords, json: JSON.stringify, explained: explain }[form](status));
	return 0;
}

function inWords({ name, state, reason, node, since, members = [], refused = [] }: NodeStatus): string {
	const first = `${name}  ${state}${reason ? `  ${reason}` : ""}  node ${node}  since ${since}`;
	const others = members.map((one) => {
		const shaken = one.handshake === undefined ? "no handshake" : `handshake ${one.handshake} s ago`;
		return `  ${one.name}  ${one.mesh}  ${one.roles.join(",")}  ${one.alive ? "alive" : "silent"}  ${shaken}`;
	});
	return [first, ...others, ...refused.map((one) => `  refused: ${one.name} (${one.id}): ${one.reason}`)].join("\n");
}
