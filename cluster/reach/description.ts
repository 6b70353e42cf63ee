import { join } from "node:path";
import { type ClusterFile, clusterFile } from "../../core/contract/cluster.ts";
import { type SecretsFile, secretsFile } from "../../core/contract/secrets.ts";
import type { Role } from "../../core/contract/seed.ts";
import { meshAddresses } from "../../core/node/addresses.ts";
import { expandHostlist } from "../../core/node/hostlist.ts";
import { mustCheck } from "../../core/toml/check-document.ts";
import { readToml } from "../../core/toml/toml-document.ts";
export interface DescribedNode {
	name: string;
	roles: readonly Role[];
	mesh: string;
	reach?: ClusterFile["node"][number]["reach"];
}
export async function readCluster(dir: string): Promise<{ cluster: ClusterFile; nodes: DescribedNode[] }> {
	const cluster = mustCheck(await readToml(join(dir, "cluster.toml")), clusterFile);
	const flat = cluster.node.flatMap((node) => expandHostlist(node.name).map((name) => ({ ...node, name })));
	const mesh = meshAddresses(flat, cluster.mesh.network);
	return {
		cluster,
		nodes: flat.map((n) => ({ name: n.name, roles: n.roles, mesh: mesh.get(n.name)!, ...(n.reach ? { reach: n.reach } : {}) })),
	};
}
export async function readSecrets(dir: string): Promise<SecretsFile> {
	return mustCheck(await readToml(join(dir, "secrets.toml")), secretsFile);
}
