import type { Purpose } from "../../core/contract/purposes.ts";
import type { SecretsFile } from "../../core/contract/secrets.ts";
import type { SeedCluster, SeedNode, SeedSecrets } from "../../core/contract/seed.ts";
import { UserError } from "../../core/errors.ts";
import { deriveKey } from "../../core/node/derive.ts";
import { compressHostlist } from "../../core/node/hostlist.ts";
import { didYouMean } from "../../core/toml/nearest.ts";
import { k3sSeedOf } from "./k3s-secrets.ts";
import { controllerKeys, identityOf } from "./secrets.ts";
import { type NetworkConfig, networkFor, type SeedNics } from "./seed-network.ts";
import { publicHalfOf } from "./ssh-keys.ts";
import type { Described, DescribedNode, DescribedUser } from "./types.ts";

/** Whom a seed is for: one node by its name, all that are no controllers, or the whole cluster. */
export type SeedFor = { readonly node: string } | "workers" | "all";

export interface SeedOptions {
	/** Another one makes every node apply the seed again. */
	readonly generation: number;
	/** LAN addresses to ask for the others; those that cluster.toml fixes for controllers when left out. */
	readonly meet?: readonly string[] | undefined;
	/** How many times longer than on metal things may take; what cluster.toml says when left out. */
	readonly slow?: number | undefined;
	/** Only for a machine of a test cluster. */
	readonly nics?: SeedNics | undefined;
}

/** A seed as data, as cloud-init/ renders it. */
export interface DescribedSeed {
	readonly instanceId: string;
	/** Missing in a seed for many: there the agent sets it. */
	readonly hostname?: string;
	readonly users: readonly DescribedUser[];
	readonly files: readonly { readonly path: string; readonly content: string; readonly mode: number }[];
	readonly network?: NetworkConfig;
	/** The site's own cloud-config, verbatim. */
	readonly userData?: string;
}

/**
 * The seed of one node or of many. Keys are derived here: the master stays, and a worker gets none of a controller's keys.
 * @throws UserError for a node that is not there, a controller without identity, or one seed for several controllers.
 */
export function seedFor(described: Described, secrets: SecretsFile, who: SeedFor, options: SeedOptions): DescribedSeed {
	const nodes = nodesOf(described, who);
	const self = typeof who === "object" ? nodes[0]!.name : undefined;
	const cluster = seedClusterOf(described, secrets, { ...options, self });
	const network = networkFor(nodes, options.nics);
	const userData = described.cluster.cloud_init.user_data;
	return {
		instanceId: `${cluster.id}-${self ?? who}-${options.generation}`,
		...(self === undefined ? {} : { hostname: self }),
		users: usersOf(described, secrets),
		files: [
			{ path: "/etc/clusteros/cluster.json", content: document(cluster), mode: 0o644 },
			{ path: "/etc/clusteros/secrets.json", content: document(seedSecretsOf(described, secrets, nodes)), mode: 0o600 },
		],
		...(network === undefined ? {} : { network }),
		...(userData.trim() === "" ? {} : { userData }),
	};
}

/** What every node may know of its cluster. */
export function seedClusterOf(
	described: Described,
	secrets: SecretsFile,
	{ generation, meet, slow, nics, self }: SeedOptions & { readonly self?: string | undefined },
): SeedCluster {
	const { cluster, partitions } = described;
	const { slurm, k3s } = cluster;
	return {
		version: 1,
		id: cluster.id,
		name: cluster.name,
		generation,
		...(self === undefined ? {} : { self }),
		join: cluster.join,
		mesh: cluster.mesh,
		meet: [...(meet ?? fixedAddresses(described))],
		ntp: cluster.ntp,
		nodes: described.nodes.map((node) => seedNodeOf(node, node.name === self ? nics?.lanMac : undefined)),
		controllers: controllerKeys(described, secrets),
		slurm: {
			partitions: [...partitions],
			accounting: slurm.accounting,
			extra: slurm.extra,
			cgroup: slurm.cgroup.extra,
			gres: slurm.gres.extra,
		},
		...(secrets.k3s === undefined
			? {}
			: { k3s: { config: k3s.config, registries: k3s.registries, memory: k3s.memory, cpus: k3s.cpus } }),
		slow: slow ?? cluster.slow,
	};
}

/**
 * What is secret in the seed of these nodes: keys of the generations that `secrets` names, a controller's identity, and k3s'
 * tokens where the cluster has any.
 */
export function seedSecretsOf(described: Described, secrets: SecretsFile, nodes: readonly DescribedNode[]): SeedSecrets {
	const { cluster } = described;
	const controller = nodes.find(({ roles }) => roles.includes("controller"));
	const master = Buffer.from(secrets.master, "base64");
	const purposes: Purpose[] = ["serf", "munge", "announce", ...(controller ? (["dbd"] as const) : [])];
	const keys = purposes.map((purpose) => {
		const generation = secrets.generation[purpose];
		return { purpose, generation, key: deriveKey(master, cluster.id, purpose, generation).toString("base64") };
	});
	const identity = controller && identityOf(controller.name, secrets);
	const k3s = secrets.k3s && k3sSeedOf(described, secrets.k3s, nodes);
	return { version: 1, cluster: cluster.id, keys, ...(identity === undefined ? {} : { identity }), ...(k3s && { k3s }) };
}

function nodesOf({ nodes, controllers, cluster, file }: Described, who: SeedFor): readonly DescribedNode[] {
	if (who === "workers") return nodes.filter(({ roles }) => !roles.includes("controller"));
	if (who === "all") {
		if (controllers.length === 1) return nodes;
		const message = `one seed for the whole cluster holds one controller's identity, and ${cluster.name} has ${controllers.length}`;
		throw new UserError("usage", { message, fix: "a seed for each controller (--node NAME) and one for the others (--workers)" });
	}
	const node = nodes.find(({ name }) => name === who.node);
	if (node) return [node];
	const names = nodes.map(({ name }) => name);
	const fix = didYouMean(who.node, names) ?? `its nodes are: ${compressHostlist(names)}`;
	throw new UserError("usage", { message: `no node is called "${who.node}" in ${file}`, fix });
}

function usersOf({ users, cluster }: Described, secrets: SecretsFile): DescribedUser[] {
	const [admin, ...others] = users;
	// Said to be whole when the file was read.
	const key = publicHalfOf(secrets.admin_ssh_key, `admin@${cluster.name}`)!;
	return [{ ...admin!, keys: [key, ...admin!.keys] }, ...others];
}

function seedNodeOf({ name, roles, serial, mesh, labels, ...node }: DescribedNode, lanMac: string | undefined): SeedNode {
	const mac = lanMac ?? node.mac;
	return {
		name,
		roles: [...roles],
		...(mac === undefined ? {} : { mac }),
		...(serial === undefined ? {} : { serial }),
		mesh,
		...(labels === undefined ? {} : { labels: { ...labels } }),
	};
}

function fixedAddresses({ nodes, controllers }: Described): string[] {
	return nodes.flatMap(({ name, lan }) => (controllers.includes(name) && lan !== "dhcp" ? [lan.split("/")[0]!] : []));
}

function document(value: SeedCluster | SeedSecrets): string {
	return `${JSON.stringify(value, null, "\t")}\n`;
}
