import type { Outcome } from "../machine.ts";

/** What a part of a state waits for. */
export type Wait = Extract<Outcome, { wait: string }>;
