import { join, resolve } from "node:path";
import { type ClusterState, clusterState, type MachineState } from "../../core/contract/cluster-state.ts";
import { UserError } from "../../core/errors.ts";
import { selectNodes } from "../../core/node/hostlist.ts";
import { leaveSsh, type SshTarget } from "../../core/ssh/ssh.ts";
import { type DescribedNode, readCluster, readSecrets } from "../describe/read.ts";
import { writeAdminKey } from "./admin-key.ts";
import { changeKnownHosts, hasHostKey, hostAlias, readIfThere, shownHostKey, withHostKey } from "./host-keys.ts";
import { sshLink } from "./link.ts";
import { makeRuntimeFolder, runtimeFolder } from "./runtime.ts";
import type { Link, Reached, ReachedNode } from "./types.ts";
import { Unreachable } from "./unreachable.ts";

/** Longest path of a control socket: ssh adds 17 characters to it while it makes one, and a socket's path has 107. */
const CONTROL_MAX = 90;

/**
 * Opens a cluster's folder so that its nodes can be asked; connects to none yet. A node's `reach` in cluster.toml decides how;
 * without one it is the virtual machine of that name in the test cluster.
 * @throws UserError for what is wrong in the folder's files.
 */
export async function openReach(dir: string, env: NodeJS.ProcessEnv = process.env): Promise<Reached> {
	const path = resolve(dir);
	const described = await readCluster(path);
	const { cluster } = described;
	const { admin_ssh_key } = await readSecrets(path);
	const state = await readState(path, cluster.id);
	const identity = await writeAdminKey(path, admin_ssh_key);
	const knownHosts = await learnHostKeys(path, cluster.id, state?.machines ?? []);
	const slow = state?.slow ?? cluster.slow;
	const common = {
		identity,
		knownHosts: join(path, "known_hosts"),
		sockets: socketFolder(path, cluster.id, env),
		greeting: greetingOf(slow),
	};
	const links = new Map<string, Link>();
	const nodes = described.nodes.map((node) => reachedNode(node, state));
	const strangers = strangersIn(state, nodes);
	const link = (name: string): Link => {
		const found = links.get(name);
		if (found) return found;
		const way = wayTo(name, described.nodes, state);
		const made = sshLink({ name, dir, via: way.via, target: targetOf(name, way, cluster.id, knownHosts, common) });
		links.set(name, made);
		return made;
	};
	return {
		dir: path,
		cluster,
		described,
		slow,
		nodes,
		link,
		select: (hostlist) => select(hostlist, nodes, strangers),
		close: async () => {
			await Promise.all([...links.values()].map(({ target }) => leaveSsh(target).catch(() => {})));
		},
	};
}

/** What the test cluster in `dir` is, if there is one of this cluster. */
export async function readState(dir: string, clusterId: string): Promise<ClusterState | undefined> {
	const file = join(dir, ".clusteros/state.json");
	const text = await readIfThere(file);
	if (text === "") return undefined;
	const state = clusterState.safeParse(JSON.parse(text));
	if (state.success) return state.data.id === clusterId ? state.data : undefined;
	const fix = "another version of ClusterOS may have written it; take down that cluster with the same version";
	throw new UserError("invalid", { message: `${file} is not a test cluster's state`, fix });
}

/** Puts the host keys that the machines show on their consoles into known_hosts; returns what that holds. */
async function learnHostKeys(dir: string, clusterId: string, machines: readonly MachineState[]): Promise<string> {
	const shown = await Promise.all(
		machines.map(async (machine) => ({
			alias: hostAlias(clusterId, machine.name),
			key: shownHostKey(await readIfThere(join(machine.dir, "serial.log"))),
		})),
	);
	return changeKnownHosts(join(dir, "known_hosts"), (before) =>
		shown.reduce((text, { alias, key }) => (key === undefined ? text : withHostKey(text, alias, key)), before),
	);
}

interface Way {
	readonly via: "qemu" | "ssh";
	readonly host: string;
	readonly port: number;
	readonly user: string;
}

function wayTo(name: string, described: readonly DescribedNode[], state: ClusterState | undefined): Way {
	const node = described.find((each) => each.name === name);
	const machine = state?.machines.find((each) => each.name === name);
	if (!node && !machine)
		selectNodes(
			name,
			described.map((each) => each.name),
		);
	if (node?.reach?.via === "ssh") return node.reach;
	const port = node?.reach?.port ?? machine?.ssh;
	if (port !== undefined) return { via: "qemu", host: "127.0.0.1", port, user: "clusteros" };
	const fix = 'give it reach = { via = "ssh", host = "ADDRESS" } in cluster.toml; a test cluster is started with `clusteros up`';
	throw new Unreachable(name, "no-way", "cluster.toml does not say how, and no test cluster runs here", fix);
}

interface Common {
	readonly identity: string;
	readonly knownHosts: string;
	readonly sockets: string | undefined;
	readonly greeting: number;
}

function targetOf(name: string, { host, port, user }: Way, id: string, known: string, common: Common): SshTarget {
	const { identity, knownHosts, sockets, greeting } = common;
	const alias = hostAlias(id, name);
	const control = sockets && join(sockets, `ssh-${name}`);
	const hostKey = hasHostKey(known, alias) ? "known" : "new";
	return { host, port, user, identity, knownHosts, alias, hostKey, greeting, ...(control ? { control } : {}) };
}

/** Seconds: sshd's first words from one of five emulated nodes that boot on two cores take longer than ssh's usual 10. */
function greetingOf(slow: number): number {
	return Math.min(10 * slow, 30);
}

/** Without a folder that is short enough each command connects anew: slower, nothing else. */
function socketFolder(dir: string, clusterId: string, env: NodeJS.ProcessEnv): string | undefined {
	const uid = process.getuid!();
	const folder = runtimeFolder(dir, clusterId, env, uid);
	if (folder.length + "/ssh-".length + 32 > CONTROL_MAX) return undefined;
	makeRuntimeFolder(folder, uid);
	return folder;
}

function reachedNode({ name, roles, mesh }: DescribedNode, state: ClusterState | undefined): ReachedNode {
	const machine = state?.machines.find((each) => each.name === name);
	return { name, roles, mesh, ...(machine ? { machine } : {}) };
}

/** Machines of the test cluster that cluster.toml does not name: reached when asked for, and not part of `all`. */
function strangersIn(state: ClusterState | undefined, nodes: readonly ReachedNode[]): ReachedNode[] {
	const named = new Set(nodes.map(({ name }) => name));
	const machines = state?.machines.filter(({ name }) => !named.has(name)) ?? [];
	return machines.map((machine) => ({ name: machine.name, roles: ["worker"], mesh: "-", machine }));
}

function select(hostlist: string, nodes: readonly ReachedNode[], strangers: readonly ReachedNode[]): ReachedNode[] {
	const known = hostlist === "all" ? nodes : [...nodes, ...strangers];
	const names = selectNodes(
		hostlist,
		known.map(({ name }) => name),
	);
	return names.map((name) => known.find((node) => node.name === name)!);
}
