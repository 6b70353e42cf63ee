/** One `[[node]]` of a new description. */
export interface NewNode {
	/** A name or a hostlist. */
	readonly name: string;
	readonly roles: readonly string[];
	readonly mac?: string | undefined;
	readonly serial?: string | undefined;
	/** ADDRESS/PREFIX; left to DHCP otherwise. */
	readonly lan?: string | undefined;
	/** Where ssh finds it. */
	readonly host?: string | undefined;
}

/** What a new cluster.toml is written from. */
export interface NewCluster {
	readonly name: string;
	readonly id: string;
	readonly network: string;
	readonly nodes: readonly NewNode[];
	/** Who runs jobs. */
	readonly user: { readonly name: string; readonly uid: number };
	/** The administrator's own ssh keys. */
	readonly keys: readonly string[];
	readonly partitions: readonly { readonly name: string; readonly nodes: string }[];
}

/** The text of a new `cluster.toml`: every value that people change is there, with the words that say what it does. */
export function clusterText({ name, id, network, nodes, user, keys, partitions }: NewCluster): string {
	return `# A ClusterOS cluster. Nothing in here is secret. Change it, then run \`clusteros up\` or \`clusteros seed\` again.
version = 1
name = ${text(name)}
# Who the cluster is, whatever it is called: its keys hang on it. Leave it.
id = ${text(id)}
# "approve": a machine that is not listed below waits until you let it in. "open": a valid seed is enough.
join = "open"
# Time servers of the controllers, such as ["ntp.example.org"]; the workers follow the controllers.
ntp = []

[mesh]
# WireGuard's own network, used nowhere else. Nodes below get addresses from its lower half in their order
# (add new ones at the end, or give them mesh = "…"); machines that are not listed get one of the upper half.
network = ${text(network)}

# Nodes, one by one or many at once: "n[1-4]", "n[01-40]". Roles: controller, worker, or both.
# For one machine also: mac = "52:54:…" or serial = "…" (finds its entry), lan = "192.168.1.11/24" (else DHCP),
# reach = { via = "ssh", host = "…" } (how to get there when it is no virtual machine of \`clusteros up\`).
${nodes.map(nodeText).join("\n")}
# The administrator of every node: sudo without a password, login by key only. The cluster's own key is always there as well.
[[user]]
name = "clusteros"
uid = 1000
sudo = true
keys = ${list(keys)}

# Whoever runs jobs has the same id on every node. One block each.
[[user]]
name = ${text(user.name)}
uid = ${user.uid}
keys = ${list(keys)}

[slurm]
# Lines for slurm.conf, cgroup.conf and gres.conf that come after ours, word for word: extra, cgroup.extra, gres.extra.
extra = ""
# Finished jobs in \`sacct\`: slurmdbd and MariaDB on the controller. The image needs both.
accounting = false

# nodes: "all" (unknown machines, too) or a hostlist. max_time = "1-00:00:00" limits jobs to a day.
${partitions.map(partitionText).join("\n")}
# For images with k3s (docs/k3s.md). Also: config, registries, manifests; labels = { disk = "ssd" } in a [[node]].
# Its servers are the controllers, an odd number of them: one, or three and more that outlive the loss of one.
[k3s]
# What k3s and its pods have of a node that runs SLURM, too; SLURM has the rest. Or an amount: "600MiB", cpus = 1.
memory = "50%"
cpus = "50%"
`;
}

function nodeText({ name, roles, mac, serial, lan, host }: NewNode): string {
	const lines = [`name = ${text(name)}`, `roles = [${roles.map(text).join(", ")}]`];
	for (const [key, value] of Object.entries({ mac, serial, lan })) if (value !== undefined) lines.push(`${key} = ${text(value)}`);
	if (host !== undefined) lines.push(`reach = { via = "ssh", host = ${text(host)} }`);
	return `[[node]]\n${lines.join("\n")}\n`;
}

function partitionText({ name, nodes }: { readonly name: string; readonly nodes: string }, index: number): string {
	return `[[slurm.partition]]\nname = ${text(name)}\nnodes = ${text(nodes)}\n${index === 0 ? "default = true\n" : ""}`;
}

function list(items: readonly string[]): string {
	return items.length === 0 ? "[]" : `[\n${items.map((item) => `\t${text(item)},\n`).join("")}]`;
}

/** A basic string of TOML: JSON's escapes are its own, but for DEL. */
function text(value: string): string {
	return JSON.stringify(value).replaceAll("\u007f", "\\u007f");
}
