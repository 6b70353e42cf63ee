import { k3sFiles } from "../../core/node/files/node-files.ts";
import { isK3sServer } from "../../core/node/k3s-servers.ts";
import type { Context } from "../context.ts";
import { keepDaemon } from "../daemon/daemon.ts";
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
	const { name } = ctx.self;
	const tell = (journal: string, lately: boolean) => whatFails(journal, name, lately);
	const wait = await keepDaemon(ctx, { name: k3sUnit(ctx), files, tell, triesForEver: true });
	return wait ?? (await nodeReady(ctx, parts.api));
}
