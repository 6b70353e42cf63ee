import type { NodeStatus } from "../core/contract/status.ts";
import type { Node } from "./observe.ts";

export type StateName = NodeStatus["state"];

/** What a state ends with. "Not yet" is no failure: the state is asked again after `seconds`. */
export type Outcome =
	| { readonly go: StateName }
	| { readonly wait: string; readonly seconds: number }
	/** Nothing left to do until the next start. */
	| { readonly rest: true };

/** One state: does its idempotent work and returns what comes next. */
export type State = (node: Node) => Promise<Outcome>;

export interface Machine {
	readonly states: Readonly<Partial<Record<StateName, State>>>;
	/** Called when the state or its reason changes. */
	readonly report: (state: StateName, reason?: string) => void;
	/** Resolves after `seconds`, or at once when the machine is stopped. */
	readonly sleep: (seconds: number) => Promise<void>;
	readonly stopped: () => boolean;
}

/** Seconds until a state that failed is tried again. */
const RETRY = 5;

/** Runs from `first` until a state rests or the machine is stopped. A state that throws has failed and is tried again. */
export async function runMachine(machine: Machine, node: Node, first: StateName): Promise<void> {
	let state = first;
	let said: string | undefined;
	const report = (reason?: string) => {
		const line = `${state} ${reason ?? ""}`;
		if (line !== said) machine.report(state, reason);
		said = line;
	};
	report();
	while (!machine.stopped()) {
		const outcome = await attempt(machine, node, state);
		if ("rest" in outcome) return;
		if ("go" in outcome) {
			state = outcome.go;
			report();
			continue;
		}
		report(outcome.wait);
		await machine.sleep(outcome.seconds);
	}
}

async function attempt({ states }: Machine, node: Node, name: StateName): Promise<Outcome> {
	try {
		const state = states[name];
		if (state === undefined) throw new Error(`this agent has no state ${name}`);
		const outcome = await state(node);
		return "wait" in outcome ? { ...outcome, wait: `waiting: ${outcome.wait}` } : outcome;
	} catch (error) {
		return { wait: `failed: ${(error as Error).message}`, seconds: RETRY };
	}
}
