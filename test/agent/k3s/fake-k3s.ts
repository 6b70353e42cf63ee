import type { Access, ApiAnswer, Question } from "../../../agent/k3s/api.ts";
import type { Parts } from "../../../agent/k3s/parts.ts";
import type { SeedCluster, SeedSecrets } from "../../../core/contract/seed.ts";
import type { NodeFacts } from "../../../core/node/types.ts";
import { putFile, seedCluster, seedSecrets } from "../seeds.ts";
import { type FakeSlurm, fakeSlurm } from "../slurm/fake-slurm.ts";

export const FACTS: NodeFacts = { cpus: 2, threads: 1, memoryMiB: 3000, slurm: true, k3s: true, airgap: false };
export const CA = { ca_cert: "-----BEGIN CERTIFICATE-----\nY2VydA==\n", ca_key: "-----BEGIN PRIVATE KEY-----\na2V5\n" };

const SERVER_SECRETS: SeedSecrets["k3s"] = {
	server: true,
	token: "K10ab::server:s3cr3t-of-servers",
	agent_token: "s3cr3t-of-agents",
	...CA,
};
const WORKER_SECRETS: SeedSecrets["k3s"] = { server: false, token: "K10ab::node:s3cr3t-of-agents" };

export interface FakeK3s extends FakeSlurm {
	readonly parts: Parts;
	/** `ADDRESS:PORT` that takes connections. */
	readonly open: Set<string>;
	/** What was asked of the API, and what it answers, by `METHOD path`. */
	readonly asked: string[];
	/** Whom a worker asked whether it may join, and with which token; servers that say no. */
	readonly joins: string[];
	readonly notYet: Set<string>;
	readonly api: Map<string, ApiAnswer | Error>;
	secrets: SeedSecrets["k3s"];
	since: number;
}

/** c1 is a server with SLURM beside it; `cluster` may name three. */
export function clusterWithK3s(changes: Partial<SeedCluster> = {}): SeedCluster {
	return seedCluster({ k3s: { config: "", registries: "", memory: "50%", cpus: "50%" }, ...changes });
}

export function threeServers(): SeedCluster {
	const of = clusterWithK3s();
	const names = ["c1", "c2", "c3"];
	const nodes = names.map((name, i) => ({ name, roles: ["controller" as const], mesh: `10.90.0.${11 + i}` }));
	return { ...of, nodes: [...nodes, of.nodes[1]!], controllers: names.map((name) => ({ name, key: of.controllers[0]!.key })) };
}

export function fakeK3s(name: string, cluster: SeedCluster = clusterWithK3s(), facts: NodeFacts | undefined = FACTS): FakeK3s {
	const slurm = fakeSlurm(name, cluster);
	const isServer = cluster.controllers.some((one) => one.name === name);
	const node: FakeK3s = {
		...slurm,
		open: new Set(),
		asked: [],
		joins: [],
		notYet: new Set(),
		api: new Map(),
		since: 0,
		secrets: isServer ? SERVER_SECRETS : WORKER_SECRETS,
		ctx: {
			...slurm.ctx,
			secrets: () => seedSecrets([1], node.secrets === undefined ? {} : { k3s: node.secrets }),
			view: () => ({ ...slurm.ctx.view(), facts }),
		},
		parts: {
			answers: async (host, port) => node.open.has(`${host}:${port}`),
			api: async (_access: Access, { method, path }: Question) => {
				node.asked.push(`${method} ${path}`);
				const answer = node.api.get(`${method} ${path}`) ?? { status: 404, body: {} };
				if (answer instanceof Error) throw answer;
				return answer;
			},
			letsJoin: async (server, token) => {
				node.joins.push(`${server} ${token}`);
				return !node.notYet.has(server);
			},
			uptime: () => node.since,
		},
	};
	return node;
}

/** kubelet's and the admin's certificates, as k3s leaves them. */
export function putCertificates({ world }: FakeK3s): void {
	const agent = "/var/lib/rancher/k3s/agent";
	const lines = [
		"    server: https://127.0.0.1:6444",
		`    certificate-authority: ${agent}/server-ca.crt`,
		`    client-certificate: ${agent}/client-kubelet.crt`,
		`    client-key: ${agent}/client-kubelet.key`,
	];
	putFile(world, `${agent}/kubelet.kubeconfig`, `${lines.join("\n")}\n`);
	for (const file of ["server-ca.crt", "client-kubelet.crt", "client-kubelet.key"]) putFile(world, `${agent}/${file}`, file);
	const tls = "/var/lib/rancher/k3s/server/tls";
	for (const file of ["server-ca.crt", "client-admin.crt", "client-admin.key"]) putFile(world, `${tls}/${file}`, file);
}

export const condition = (status: string, message = ""): ApiAnswer => ({
	status: 200,
	body: {
		status: {
			conditions: [
				{ type: "MemoryPressure", status: "False" },
				{ type: "Ready", status, message },
			],
		},
	},
});
