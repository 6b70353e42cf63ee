import type { PathKey } from "../../../core/toml/key-path.ts";
import type { Complaint } from "./rule.ts";

/** An item that may be there only once. */
export interface Unique {
	readonly value: string | number | undefined;
	readonly at: readonly PathKey[];
	/** Whose it is, where that says more than the value. */
	readonly owner?: string;
}

/** A complaint for each value that an earlier item has already; items without a value do not count. */
export function* twice(
	items: Iterable<Unique>,
	place: (at: readonly PathKey[]) => string,
	words: (value: string | number) => string,
	fix: string,
): Generator<Complaint> {
	const seen = new Map<string | number, Unique>();
	for (const item of items) {
		if (item.value === undefined) continue;
		const first = seen.get(item.value);
		if (first === undefined) seen.set(item.value, item);
		// Of a hostlist with a value that belongs to one machine another rule speaks.
		else if (first.at.join() !== item.at.join()) {
			const whose = first.owner === undefined ? "" : ` of ${first.owner}`;
			yield { at: item.at, message: `${words(item.value)} is there twice: also${whose} in ${place(first.at)}`, fix };
		}
	}
}
