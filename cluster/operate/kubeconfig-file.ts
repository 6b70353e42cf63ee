import { UserError } from "../../core/errors.ts";
import type { Access } from "./kubeconfig.ts";

/** One cluster, user or context of a kubeconfig; all but the name is kept as it is. */
interface Entry {
	readonly name: string;
	readonly [key: string]: unknown;
}

/** A kubeconfig, as `load` gives it; what is not known here is kept. */
export interface Kubeconfig {
	readonly apiVersion?: unknown;
	readonly kind?: unknown;
	readonly "current-context"?: unknown;
	readonly clusters: readonly Entry[];
	readonly users: readonly Entry[];
	readonly contexts: readonly Entry[];
	readonly [key: string]: unknown;
}

const LISTS = ["clusters", "users", "contexts"] as const;
/** The mark in a context of ours: who else has taken its name is not overwritten. */
const MARK = "clusteros";

/** A kubeconfig with one cluster, its user and context, all called `name`. Pure. */
export function kubeconfigOf(access: Access, name: string, clusterId: string): Kubeconfig {
	const { server, serverName, ca, cert, key } = access;
	const tls = serverName === undefined ? {} : { "tls-server-name": serverName };
	const extensions = [{ name: MARK, extension: { cluster: clusterId } }];
	return {
		apiVersion: "v1",
		kind: "Config",
		clusters: [{ name, cluster: { server, ...tls, "certificate-authority-data": ca } }],
		users: [{ name, user: { "client-certificate-data": cert, "client-key-data": key } }],
		contexts: [{ name, context: { cluster: name, user: name, extensions } }],
		"current-context": name,
	};
}

/**
 * `before` with the entries of `ours` added, or in the place of those that an earlier merge has made; all others stay, and so
 * does the current context, where there is one. Pure. @throws UserError when the name is somebody else's.
 */
export function mergeKubeconfig(before: Kubeconfig, ours: Kubeconfig): Kubeconfig {
	const { name } = ours.contexts[0]!;
	const taken = LISTS.filter((list) => before[list].some((entry) => entry.name === name));
	if (taken.length > 0 && !isOurs(before.contexts.find((entry) => entry.name === name))) {
		const message = `it has ${taken.join(", ")} called "${name}" that ClusterOS has not made`;
		throw new UserError("failed", { message, fix: "give ours another name: --name NAME" });
	}
	const merged = Object.fromEntries(LISTS.map((list) => [list, withEntry(before[list], ours[list][0]!)]));
	const current = before["current-context"] || name;
	return { ...ours, ...before, ...merged, "current-context": current } as Kubeconfig;
}

function isOurs(context: Entry | undefined): boolean {
	const extensions = (context?.context as { extensions?: unknown } | undefined)?.extensions;
	return Array.isArray(extensions) && extensions.some((extension) => extension?.name === MARK);
}

/** In the place of the one of its name, else last. */
function withEntry(entries: readonly Entry[], entry: Entry): readonly Entry[] {
	const at = entries.findIndex(({ name }) => name === entry.name);
	return at === -1 ? [...entries, entry] : entries.with(at, entry);
}

/** A parsed kubeconfig with all lists there; undefined when it is none. Pure. */
export function asKubeconfig(value: unknown): Kubeconfig | undefined {
	const given = (value ?? {}) as Record<string, unknown>;
	if (typeof given !== "object" || Array.isArray(given)) return undefined;
	if (LISTS.some((list) => !isList(given[list]))) return undefined;
	const lists = Object.fromEntries(LISTS.map((list) => [list, given[list] ?? []]));
	return { ...given, ...lists } as unknown as Kubeconfig;
}

function isList(value: unknown): boolean {
	if (value === undefined || value === null) return true;
	return Array.isArray(value) && value.every((entry) => typeof entry?.name === "string");
}
