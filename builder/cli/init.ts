import { randomBytes, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join, resolve } from "node:path";
import { createCluster, repairSecrets } from "../../cluster/describe/create.ts";
import { readNodesCsv } from "../../cluster/describe/csv.ts";
import type { NewNode } from "../../cluster/describe/draft-text.ts";
import { publicKeyProblem } from "../../cluster/describe/ssh-keys.ts";
import type { Described } from "../../cluster/describe/types.ts";
import { UserError } from "../../core/errors.ts";
import { isNodeName } from "../../core/node/announcement.ts";
import { compressHostlist } from "../../core/node/hostlist.ts";
import { serverNames } from "../../core/node/k3s-servers.ts";
import { quote } from "../../core/process/quote.ts";
import { readText, shownPath } from "../../core/toml/toml-document.ts";

export interface InitOptions {
	/** All nodes, controllers among them. */
	readonly nodes: number;
	readonly controllers: number;
	readonly name?: string;
	readonly import?: string;
	readonly partition: readonly { readonly name: string; readonly nodes: string }[];
	readonly user: string;
	readonly mesh: string;
	readonly repair: boolean;
	readonly json: boolean;
}

/** Writes the folder of a new cluster, or with `repair` adds to the secrets what its description needs by now. */
export async function runInit(dir: string, options: InitOptions, call: string): Promise<void> {
	if (options.repair) return repair(dir, options);
	const nodes = options.import === undefined ? counted(options) : await imported(options.import);
	const keys = await ownKeys(join(homedir(), ".ssh"));
	const described = await createCluster(
		resolve(dir),
		{
			name: nameOf(dir, options.name),
			id: randomUUID(),
			network: options.mesh,
			nodes,
			user: { name: options.user, uid: 2000 },
			keys,
			partitions: options.partition.length > 0 ? options.partition : [{ name: "main", nodes: "all" }],
		},
		randomBytes,
	);
	if (options.json) return printJson(documentOf(described, keys));
	process.stdout.write(`${words(described, dir, keys, call).join("\n")}\n`);
}

async function repair(dir: string, { json }: InitOptions): Promise<void> {
	const { identities, k3s } = await repairSecrets(dir, randomBytes);
	if (json) return printJson({ added: identities, k3s });
	const made = [
		...(identities.length > 0 ? [`identity made for ${identities.join(", ")}`] : []),
		...(k3s ? ["tokens and authority made for k3s: nodes get them with their next seed"] : []),
	];
	process.stdout.write(
		made.length === 0 ? "secrets.toml has all that cluster.toml needs\n" : `secrets.toml: ${made.join("; ")}\n`,
	);
}

/** c1 … for controllers, n1 … for the others. */
function counted({ nodes, controllers }: InitOptions): NewNode[] {
	if (controllers > nodes) {
		const message = `${controllers} controllers, but ${nodes} nodes in all`;
		throw new UserError("usage", { message, fix: `such as --nodes ${controllers + 2} --controllers ${controllers}` });
	}
	const several = (prefix: string, count: number) =>
		compressHostlist(Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`));
	const heads: NewNode = { name: several("c", controllers), roles: ["controller", "worker"] };
	const workers = nodes - controllers;
	return workers === 0 ? [heads] : [heads, { name: several("n", workers), roles: ["worker"] }];
}

async function imported(file: string): Promise<NewNode[]> {
	const path = resolve(file);
	const shown = shownPath(path, process.cwd());
	return readNodesCsv(await readText(path, shown), shown);
}

function nameOf(dir: string, given: string | undefined): string {
	const name =
		given ??
		basename(resolve(dir))
			.toLowerCase()
			.replaceAll(/[^a-z0-9]+/g, "-")
			.replaceAll(/^[^a-z]+|-+$/g, "");
	if (isNodeName(name)) return name;
	const message =
		given === undefined ? `no name can be made from the folder's ("${basename(resolve(dir))}")` : `"${given}" cannot be a name`;
	throw new UserError("usage", {
		message,
		fix: "--name with lower-case letters, digits and dashes, at most 32, such as --name lab",
	});
}

/** The caller's own public keys. */
async function ownKeys(folder: string): Promise<string[]> {
	const names = await readdir(folder).catch(() => []);
	const files = names.filter((name) => name.endsWith(".pub")).sort();
	const texts = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8").catch(() => "")));
	const lines = texts.flatMap((text) => text.split("\n")).map((line) => line.trim());
	return [...new Set(lines.filter((line) => line !== "" && publicKeyProblem(line) === undefined))];
}

function documentOf({ dir, cluster, nodes, controllers }: Described, keys: readonly string[]): object {
	return { dir, name: cluster.name, id: cluster.id, nodes: nodes.map(({ name }) => name), controllers, keys: keys.length };
}

function words({ cluster, nodes, controllers }: Described, dir: string, keys: readonly string[], call: string): string[] {
	const all = compressHostlist(nodes.map(({ name }) => name));
	const heads = `controller${controllers.length > 1 ? "s" : ""} ${compressHostlist(controllers)}`;
	const own = keys.length === 0 ? "none of yours (no ~/.ssh/*.pub)" : `${keys.length} of yours`;
	const [folder, first] = [quote(dir), controllers[0]!];
	return [
		`${cluster.name}: ${nodes.length} node${nodes.length > 1 ? "s" : ""} (${all}), ${heads}, ssh keys: the cluster's own and ${own}`,
		`  ${join(dir, "cluster.toml")}   describes it: look it over, change what you like`,
		`  ${join(dir, "secrets.toml")}   all its keys (0600): back it up, give it to nobody`,
		...evenServers(controllers),
		`Next:  ${call} up ${folder} --image out/slurm-latest.qcow2    on this machine, as virtual machines`,
		`       ${call} seed ${folder} --node ${first} --out ${first}.iso    for a machine of metal`,
	];
}

/** Nothing is wrong with an even number of controllers, but k3s leaves one out: not what the person will expect. */
function evenServers(controllers: readonly string[]): string[] {
	const servers = serverNames(controllers);
	if (servers.length === controllers.length) return [];
	const [is, others] = [compressHostlist(servers), compressHostlist(controllers.slice(servers.length))];
	return [
		`  With k3s: ${is} ${servers.length > 1 ? "are its servers" : "is its server"}, ${others} an agent: it takes an odd number, 3 to outlive one`,
	];
}

function printJson(result: object): void {
	process.stdout.write(`${JSON.stringify({ version: 1, ...result }, null, "\t")}\n`);
}
