import { k3sFiles } from "../../core/node/files/node-files.ts";
import { isK3sServer, k3sServers } from "../../core/node/k3s-servers.ts";
import type { Context } from "../context.ts";
import { isUnderWay, keepDaemon } from "../daemon/daemon.ts";
import { pace } from "../daemon/pace.ts";
import type { Outcome, Wait } from "../machine.ts";
import { keepAuthority } from "./authority.ts";
import { chooseServer, joinFile } from "./join.ts";
import { keepManifests } from "./manifests.ts";
import { nodeReady } from "./node-ready.ts";
import { type Parts, REAL } from "./parts.ts";
import { k3sUnit, runsK3s } from "./role.ts";
import { tokenFiles } from "./tokens.ts";
import { whatFails } from "./words.ts";

/**
 * k3s runs as this node's role has it, and Kubernetes would give this node pods. An image or a cluster without k3s has nothing
 * to do. Transitions to: ready.
 */
export async function k3s(ctx: Context, parts: Parts = REAL): Promise<Outcome> {
	if (!runsK3s(ctx)) return { go: "ready" };
	return (await keepK3s(ctx, parts)) ?? { go: "ready" };
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
	const early = isServer ? undefined : await serverNotYet(ctx, choice.server, tokens[0]!.content, parts);
	if (early) return early;
	const { name } = ctx.self;
	const tell = (journal: string, lately: boolean) => whatFails(journal, name, lately);
	const wait = await keepDaemon(ctx, { name: k3sUnit(ctx), files, tell, triesForEver: true });
	return wait ?? (await nodeReady(ctx, parts.api));
}

/** Milliseconds that a server may take to say whether it is up, on metal. */
const TIMEOUT = 3000;

/** A worker's k3s is not started before there is a server that it can join; one that runs looks for it itself. */
async function serverNotYet(ctx: Context, mesh: string | undefined, token: string, parts: Parts): Promise<Wait | undefined> {
	if (await isUnderWay(ctx, k3sUnit(ctx))) return undefined;
	const servers = k3sServers(ctx.cluster);
	const server = servers.find((one) => one.mesh === mesh) ?? servers[0]!;
	if (await parts.letsJoin(server.mesh, token, TIMEOUT * ctx.cluster.slow)) return undefined;
	return { wait: `k3s of ${server.name} to be up`, seconds: pace(ctx, 3) };
}
