import { existsSync } from "node:fs";
import type { SeedNode } from "../../core/contract/seed.ts";
import { asFile, notice } from "../../core/node/files/notice.ts";
import { API_PORT, k3sServers } from "../../core/node/k3s-servers.ts";
import type { NodeFile } from "../../core/node/types.ts";
import type { Context } from "../context.ts";
import { pace } from "../daemon/pace.ts";
import { readText } from "../files.ts";
import type { Wait } from "../machine.ts";
import type { World } from "../world.ts";
import type { Parts } from "./parts.ts";
import { CA_CERT, DATA, JOIN } from "./paths.ts";

/** Seconds in which other servers are looked for, on metal, before the first one believes that it is to begin. */
const PATIENCE = 30;

/** Whom this node meets. */
export interface Choice {
	/** Mesh address of the server to join; undefined: as config.yaml has it. */
	readonly server?: string | undefined;
	/** The node begins the cluster's data, now or long ago. */
	readonly starts: boolean;
}

/**
 * Which server this node joins. A server that has its data needs nobody to start. The first of several that has lost its data must
 * not begin another cluster beside the others; once it begins it goes on, although they answer as soon as they look for it: they
 * take connections long before they have joined (k3s v1.36), and would wait for each other. For the same reason another server
 * without data takes the first that answers, and only an agent stays with the one it has been told of before.
 */
export async function chooseServer(ctx: Context, isServer: boolean, parts: Parts): Promise<Choice | Wait> {
	const { cluster, self, world } = ctx;
	const servers = k3sServers(cluster);
	const isFirst = servers[0]!.name === self.name;
	const chosen = joined(readText(world, JOIN));
	const begins = isFirst && !chosen;
	if (isServer && has(world, DATA)) return { server: chosen, starts: begins };
	if (begins && has(world, [JOIN]) && has(world, [CA_CERT])) return { starts: true };
	const others = servers.filter(({ name }) => name !== self.name);
	if (others.length === 0) return { starts: true };
	const server = await firstThatAnswers(ctx, isServer ? others : preferring(others, chosen), parts);
	if (server !== undefined) return { server: server === servers[0] ? undefined : server.mesh, starts: false };
	const names = others.map(({ name }) => name).join(" or ");
	if (!isFirst) return { wait: `${names} to answer on ${API_PORT}`, seconds: pace(ctx, 2) };
	const left = Math.ceil(PATIENCE * cluster.slow - parts.uptime());
	if (left <= 0) return { starts: true };
	return {
		wait: `${names} to answer on ${API_PORT}, or ${self.name} begins by itself`,
		seconds: Math.min(left, 2 * cluster.slow),
	};
}

function has({ root }: World, paths: readonly string[]): boolean {
	return paths.some((path) => existsSync(root + path));
}

function preferring(servers: readonly SeedNode[], mesh: string | undefined): readonly SeedNode[] {
	return [...servers.filter((one) => one.mesh === mesh), ...servers.filter((one) => one.mesh !== mesh)];
}

async function firstThatAnswers({ cluster }: Context, servers: readonly SeedNode[], { answers }: Parts) {
	for (const server of servers) if (await answers(server.mesh, API_PORT, 2000 * cluster.slow)) return server;
	return undefined;
}

/** Says whom to join where it is not whom config.yaml says; nothing but its first line otherwise. */
export function joinFile(server: string | undefined, isServer: boolean): NodeFile {
	// Agents do not know the first of them.
	const lines = [...(isServer ? ["cluster-init: false"] : []), `server: https://${server}:${API_PORT}`];
	return { path: JOIN, content: asFile([notice(), ...(server === undefined ? [] : lines)]), mode: 0o644 };
}

function joined(text: string | undefined): string | undefined {
	return /^server: https:\/\/([\d.]+):/m.exec(text ?? "")?.[1];
}
