import type { NodeStatus } from "../core/contract/status.ts";
import { readStatus } from "./status.ts";
import type { World } from "./world.ts";

/** `clusteros-agent status`: what the running agent last said. Returns the exit code. */
export function showStatus(world: World, json: boolean): number {
	const status = readStatus(world);
	if (status === undefined) {
		process.stderr.write("the agent has said nothing since boot; see: journalctl -b -u clusteros-agent\n");
		return 1;
	}
	world.print(json ? JSON.stringify(status) : inWords(status));
	return 0;
}

function inWords({ name, state, reason, node, since }: NodeStatus): string {
	return `${name}  ${state}${reason ? `  ${reason}` : ""}  node ${node}  since ${since}`;
}
