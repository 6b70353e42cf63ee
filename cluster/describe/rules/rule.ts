import type { PathKey } from "../../../core/toml/key-path.ts";
import type { Draft } from "../normalise.ts";

/** What a rule has against a description: where, what, and what mends it. */
export interface Complaint {
	readonly at: readonly PathKey[];
	readonly message: string;
	readonly fix?: string | undefined;
}

/** One thing that has to hold of every description. `place` words a place in the file, for "also at …". */
export interface Rule {
	readonly name: string;
	check(draft: Draft, place: (at: readonly PathKey[]) => string): Iterable<Complaint>;
}
