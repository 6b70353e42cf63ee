import type { NodeStatus } from "../core/contract/status.ts";

export type StateName = NodeStatus["state"];

/** What a state ends with. "Not yet" is no failure: the state is asked again after `seconds`. */
export type Outcome =
	| { readonly go: StateName }
	| { readonly wait: string; readonly seconds: number }
	/** All is well: asked again after so many seconds, or as soon as something happens. */
	| { readonly stay: number }
	/** Nothing left to do until the next start. */
	| { readonly rest: true };

/** What a part of a state waits for. */
export type Wait = Extract<Outcome, { wait: string }>;

/** One state: does its idempotent work and returns what comes next. */
export type State<Subject> = (subject: Subject) => Promise<Outcome>;

export interface Machine<Subject> {
	readonly states: Readonly<Partial<Record<StateName, State<Subject>>>>;
	/** Called when the state or its reason changes. */
	readonly report: (state: StateName, reason?: string) => void;
	/** Resolves after `seconds`, when something has happened, or at once when the machine is stopped. */
	readonly sleep: (seconds: number) => Promise<void>;
	readonly stopped: () => boolean;
	/** Where to go instead of asking `state` (again); undefined: no change. */
	readonly redirect?: ((state: StateName) => StateName | undefined) | undefined;
}

/** Seconds until a state that failed is tried again. */
const RETRY = 5;

/** Runs from `first` until a state rests or the machine is stopped. A state that throws has failed and is tried again. */
export async function runMachine<Subject>(machine: Machine<Subject>, subject: Subject, first: StateName): Promise<void> {
	let state = first;
	let said: string | undefined;
	const report = (reason?: string) => {
		const line = `${state} ${reason ?? ""}`;
		if (line !== said) machine.report(state, reason);
		said = line;
	};
	report();
	while (!machine.stopped()) {
		const elsewhere = machine.redirect?.(state);
		const outcome = elsewhere === undefined ? await attempt(machine, subject, state) : { go: elsewhere };
		if ("rest" in outcome) return;
		if ("go" in outcome) {
			state = outcome.go;
			report();
			continue;
		}
		report("wait" in outcome ? outcome.wait : undefined);
		await machine.sleep("wait" in outcome ? outcome.seconds : outcome.stay);
	}
}

async function attempt<Subject>({ states }: Machine<Subject>, subject: Subject, name: StateName): Promise<Outcome> {
	try {
		const state = states[name];
		if (state === undefined) throw new Error(`this agent has no state ${name}`);
		const outcome = await state(subject);
		return "wait" in outcome ? { ...outcome, wait: `waiting: ${outcome.wait}` } : outcome;
	} catch (error) {
		return { wait: `failed: ${(error as Error).message}`, seconds: RETRY };
	}
}
