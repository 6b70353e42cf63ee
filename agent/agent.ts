import type { Identity } from "./identity.ts";
import type { Joined } from "./joined.ts";
import type { StateName } from "./machine.ts";
import type { World } from "./world.ts";

/** The agent that runs: what its states find out, from the first to the last. */
export interface Agent {
	readonly world: World;
	/** The kernel's boot id. */
	readonly boot: string;
	/** Host name; `identify` may change it. */
	name: string;
	identity: Identity;
	/** Set by `identify`. */
	joined?: Joined;
	/** Something happened: the state that waits is asked again now. */
	readonly wake: () => void;
	/** A state to fall back to, when a later one is in force. */
	demand?: StateName | undefined;
	/** `clusteros-agent leave` was called: the node stays out until the agent starts again. */
	left: boolean;
	/** When handshakes, SLURM and k3s are to be looked at again: seconds since the agent started. */
	due: { look: number; members: number; k3s: number };
	/** By how many seconds the wall clock was set since it was last asked. */
	readonly clockStep: () => number;
	/** Says something in the journal and on the console. */
	readonly say: (level: "info" | "warning", msg: string) => void;
	/** Brings the status file up to date. */
	refresh: () => void;
}

/** States in the order they are gone through. */
const ORDER: readonly StateName[] = ["booted", "identify", "discover", "mesh", "names", "munge", "slurm", "k3s", "ready"];

/** Where the machine has to go back to, if anywhere: never forward. */
export function takeDemand(agent: Agent, state: StateName): StateName | undefined {
	const { demand } = agent;
	agent.demand = undefined;
	return demand !== undefined && ORDER.indexOf(demand) < ORDER.indexOf(state) ? demand : undefined;
}

/** The joined part. @throws before `identify`. */
export function joinedOf({ joined }: Agent): Joined {
	if (joined === undefined) throw new Error("this node has not read its seed yet");
	return joined;
}
