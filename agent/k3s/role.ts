import { isK3sServer } from "../../core/node/k3s-servers.ts";
import type { Context } from "../context.ts";

/** Whether this node has to run k3s: its image brings it and its cluster has it. */
export function runsK3s(ctx: Context): boolean {
	return ctx.cluster.k3s !== undefined && ctx.secrets().k3s !== undefined && ctx.view().facts?.k3s === true;
}

/** `k3s-server` or `k3s-agent`: the unit, without `.service`. */
export function k3sUnit({ cluster, self }: Pick<Context, "cluster" | "self">): string {
	return isK3sServer(cluster, self.name) ? "k3s-server" : "k3s-agent";
}
