import type { TreeKeeper } from "../store/types.ts";
import { inside } from "./enter.ts";

/** Looks after trees whose owners only exist inside the namespace. */
export function namespaceTrees(signal?: AbortSignal): TreeKeeper {
	return {
		inventory: async (dir) => (await inside<"inventory">({ kind: "inventory", dir }, { signal })).bytes,
		check: async (dir, deep) => (await inside<"check">({ kind: "check", dir, deep }, { signal })).differences,
		// Never interrupted: this is what cleans up after ^C.
		remove: async (dir) => {
			await inside<"remove">({ kind: "remove", dir });
		},
	};
}
