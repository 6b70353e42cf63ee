import type { Outcome } from "../machine.ts";

/** The node is up and knows who it is. Transitions to: nothing, until a cluster is described. */
export async function booted(): Promise<Outcome> {
	return { rest: true };
}
