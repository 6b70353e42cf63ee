import type { ProfileFile } from "../../core/contract/profile.ts";
import type { Located } from "../../core/toml/toml-document.ts";

/**
 * One voice in a merge: a profile file of the `extends` chain or, last, all `--set` of the command line,
 * which are read as if they were a profile of their own.
 */
export interface Source extends Located {
	readonly name: string;
	readonly kind: "file" | "set";
	/** What relative paths in it start from. */
	readonly dir: string;
	readonly value: ProfileFile;
}

/** Name of the layer that `--set packages+=…` makes, and the file shown for such values. */
export const SET = "--set";
