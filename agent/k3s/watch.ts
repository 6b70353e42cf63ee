import type { Context } from "../context.ts";
import { type Parts, REAL, runsK3s } from "./k3s.ts";
import { nodeReady } from "./node-ready.ts";

/** kubelet's own health check, on loopback. */
const HEALTHZ = 10248;

/**
 * Whether kubelet is there, asked without a process. Not by k3s' control group: pods outlive it there. A server that has lost
 * its data is joined anew on the way. True where there is no k3s.
 */
export async function k3sRuns(ctx: Context, parts: Parts = REAL): Promise<boolean> {
	if (!runsK3s(ctx)) return true;
	if (!(await parts.answers("127.0.0.1", HEALTHZ, 2000 * ctx.cluster.slow))) return false;
	// A node that is not ready for a while is Kubernetes' business, and told by it.
	await nodeReady(ctx, parts.api);
	return true;
}
