import type { World } from "../apt/world.ts";
import type { Observed } from "../plan/observed.ts";
import type { Plan } from "../plan/steps.ts";
import type { Store } from "../store/store.ts";
import type { Reporter } from "../ui/reporter.ts";

/** What applying a plan needs of the world. */
export interface ApplyContext {
	readonly plan: Plan;
	readonly seen: Observed;
	readonly store: Store;
	readonly reporter: Reporter;
	readonly world: World;
	/** Addresses of the archives, for messages. */
	readonly tried: readonly string[];
	readonly signal: AbortSignal;
	readonly log: (line: string) => void;
}
