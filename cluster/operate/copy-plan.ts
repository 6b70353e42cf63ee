import { UserError } from "../../core/errors.ts";

/** One side of a copy as typed: a path here, or on nodes. */
export interface Place {
	/** Hostlist; undefined: this machine. */
	readonly nodes?: string | undefined;
	readonly path: string;
}

/** What is copied where: to nodes, or from them. */
export type CopyPlan =
	| { readonly way: "to"; readonly nodes: string; readonly sources: readonly string[]; readonly target: string }
	| { readonly way: "from"; readonly nodes: string; readonly sources: readonly string[]; readonly target: string };

/** A colon before the first slash names nodes, as in scp; `./a:b` is a file here. Colons inside brackets do not occur in hostlists. */
export function parsePlace(text: string): Place {
	const [, nodes, path] = /^([a-z][^:/]*):(.*)$/s.exec(text) ?? [];
	if (nodes === undefined) return { path: text };
	return { nodes, path: path === "" ? "." : path! };
}

/** @throws UserError (usage) for what is neither a copy to nodes nor one from them. */
export function planCopy(words: readonly string[]): CopyPlan {
	const places = words.map(parsePlace);
	const target = places.at(-1);
	const sources = places.slice(0, -1);
	if (!target || sources.length === 0) refuse("what is to be copied, and where?");
	const from = new Set(sources.map(({ nodes }) => nodes));
	const paths = sources.map(({ path }) => path);
	if (target.nodes !== undefined && from.size === 1 && from.has(undefined))
		return { way: "to", nodes: target.nodes, sources: paths, target: target.path };
	const [only] = from;
	if (target.nodes === undefined && from.size === 1 && only !== undefined)
		return { way: "from", nodes: only, sources: paths, target: target.path };
	if (target.nodes === undefined && from.has(undefined) && from.size === 1) refuse("no node is named");
	if (target.nodes !== undefined) refuse("from nodes to nodes it takes two steps: first here, then there");
	return refuse("all sources must be on the same nodes");
}

function refuse(message: string): never {
	const fix = "such as: cp DIR file n[1-4]:/tmp   or: cp DIR all:/etc/hosts folder";
	throw new UserError("usage", { message, fix });
}
