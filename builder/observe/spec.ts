import type { Base } from "../../core/contract/base.ts";
import type { ResolvedProfile } from "../../core/contract/profile.ts";
import type { Store } from "../store/store.ts";
import type { Reporter } from "../ui/reporter.ts";

/** What looking needs: what was asked for, and the world to look at. */
export interface ObserveSpec {
	readonly resolved: ResolvedProfile;
	readonly base: Base;
	readonly baseFile: string;
	readonly arch: string;
	readonly formats: readonly string[];
	readonly mirrors: readonly string[];
	readonly refresh: boolean;
	/** Folder with `dist` and `node_modules`. */
	readonly packageRoot: string;
	readonly store: Store;
	readonly reporter: Reporter;
	/** What relative paths of the command line and of `--set` start from. */
	readonly cwd: string;
	/** --k3s-dir. */
	readonly k3sDir: string | undefined;
	/** Digests given with --trust-k3s. */
	readonly trustK3s: readonly string[];
	readonly env: NodeJS.ProcessEnv;
	readonly now: Date;
	readonly signal: AbortSignal;
	readonly log: (line: string) => void;
}
