import type { Context } from "../context.ts";

/** Seconds between two looks, at most. */
const MOST = 15;

/**
 * Seconds until the next look at something that takes long, `metal` of them on metal. A look costs a slow machine more (a program
 * that starts, a TLS handshake of seconds at a server that is starting itself), and what it waits for takes longer there.
 */
export function pace({ cluster }: Pick<Context, "cluster">, metal: number): number {
	return Math.min(Math.max(metal, (metal * cluster.slow) / 2), MOST);
}
