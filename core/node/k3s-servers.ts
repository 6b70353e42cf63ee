import type { SeedCluster, SeedNode } from "../contract/seed.ts";

/** k3s' own port: agents, kubectl and other servers meet a server there. */
export const API_PORT = 6443;

/**
 * The controllers that are k3s' servers, by name: the first alone, or of three and more as many as are an odd number, which keep
 * the data in etcd among themselves. Two could lose it to each other: the second, like the fourth, is an agent.
 */
export function serverNames(controllers: readonly string[]): readonly string[] {
	const count = controllers.length < 3 ? 1 : controllers.length - ((controllers.length + 1) % 2);
	return controllers.slice(0, count);
}

/** The nodes of {@link serverNames}. @throws when the seed does not list one. */
export function k3sServers({ controllers, nodes }: Pick<SeedCluster, "controllers" | "nodes">): readonly SeedNode[] {
	return serverNames(controllers.map(({ name }) => name)).map((name) => {
		const node = nodes.find((one) => one.name === name);
		if (node === undefined) throw new Error(`the seed names ${name} as controller but has no such node`);
		return node;
	});
}

/** Whether the node of this name is a server. */
export function isK3sServer({ controllers }: Pick<SeedCluster, "controllers">, name: string): boolean {
	return serverNames(controllers.map((one) => one.name)).includes(name);
}
