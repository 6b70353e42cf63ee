import { type Agent, joinedOf } from "../agent.ts";
import type { Outcome } from "../machine.ts";

/** Every member's name leads to its mesh address, before anything asks for it. Transitions to: munge. */
export async function names(agent: Agent): Promise<Outcome> {
	await joinedOf(agent).keep();
	return { go: "munge" };
}
