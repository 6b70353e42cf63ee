import type { Context } from "../context.ts";
import { tellKubernetes } from "./dismissals.ts";
import { nodeReady } from "./node-ready.ts";
import { type Parts, REAL } from "./parts.ts";
import { runsK3s } from "./role.ts";

/** kubelet's own health check, on loopback. */
const HEALTHZ = 10248;

/** Whether kubelet is there, asked without a process; not by k3s' control group, in which pods outlive it. True without k3s. */
export async function k3sRuns(ctx: Context, { answers }: Pick<Parts, "answers"> = REAL): Promise<boolean> {
	return !runsK3s(ctx) || (await answers("127.0.0.1", HEALTHZ, 2000 * ctx.cluster.slow));
}

/**
 * What a node that runs has to do with the API now and then: join anew a server that has lost its data, and as a server tell it of
 * orders. That a node is not ready for a while is Kubernetes' business, and told by it. Takes as long as the API takes.
 */
export async function tendK3s(ctx: Context, { api }: Pick<Parts, "api"> = REAL): Promise<void> {
	if (!runsK3s(ctx)) return;
	await nodeReady(ctx, api);
	await tellKubernetes(ctx, api);
}
