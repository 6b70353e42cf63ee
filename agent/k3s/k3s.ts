import { k3sFiles } from "../../core/node/files/node-files.ts";
import { isK3sServer } from "../../core/node/k3s-servers.ts";
import type { Context } from "../context.ts";
import type { Outcome } from "../machine.ts";
import { keepDaemon } from "../slurm/daemon.ts";
import { takesConnections } from "../slurm/reachable.ts";
import type { Wait } from "../slurm/wait.ts";
import { type AskApi, askApi } from "./api.ts";
import { keepAuthority } from "./authority.ts";
import { chooseServer, joinFile } from "./join.ts";
import { keepManifests } from "./manifests.ts";
import { nodeReady } from "./node-ready.ts";
import { tokenFiles } from "./tokens.ts";
import { whatFails } from "./words.ts";

/** What this part asks of others. */
export interface Parts {
	readonly answers: typeof takesConnections;
	readonly api: AskApi;
	/** Seconds since the agent started. */
	readonly uptime: () => number;
}

export const REAL: Parts = { answers: takesConnections, api: askApi, uptime: () => process.uptime() };

/**
 * k3s runs as this node's role has it, and Kubernetes would give this node pods. An image or a cluster without k3s has nothing
 * to do. Transitions to: ready.
 */
export async function k3s(ctx: Context, parts: Parts = REAL): Promise<Outcome> {
	if (!runsK3s(ctx)) return { go: "ready" };
	return (await keepK3s(ctx, parts)) ?? { go: "ready" };
}

/** Whether this node has to run k3s: its image brings it and its cluster has it. */
export function runsK3s(ctx: Context): boolean {
	return ctx.cluster.k3s !== undefined && ctx.secrets().k3s !== undefined && ctx.view().facts?.k3s === true;
}

/** `k3s-server` or `k3s-agent`: the unit, without `.service`. */
export function k3sUnit({ cluster, self }: Pick<Context, "cluster" | "self">): string {
	return isK3sServer(cluster, self.name) ? "k3s-server" : "k3s-agent";
}

async function keepK3s(ctx: Context, parts: Parts): Promise<Wait | undefined> {
	const isServer = isK3sServer(ctx.cluster, ctx.self.name);
	const tokens = tokenFiles(ctx, isServer);
	const choice = await chooseServer(ctx, isServer, parts);
	if ("wait" in choice) return choice;
	// k3s would make an authority of its own, which no node's token fits.
	if (isServer && choice.starts) keepAuthority(ctx);
	if (isServer) keepManifests(ctx);
	const files = [...k3sFiles(ctx.view()), joinFile(choice.server, isServer), ...tokens];
	const { name } = ctx.self;
	const wait = await keepDaemon(ctx, { name: k3sUnit(ctx), files, tell: (journal, lately) => whatFails(journal, name, lately) });
	return wait ?? (await nodeReady(ctx, parts.api));
}
