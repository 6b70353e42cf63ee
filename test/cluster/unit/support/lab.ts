import { generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { openReach } from "../../../../cluster/reach/open.ts";
import type { Reached } from "../../../../cluster/reach/types.ts";
import { createKey } from "../../../../core/ssh/key.ts";
import { closeSsh } from "../../../../core/ssh/ssh.ts";
import { type Sshd, standIn, startSshd } from "./sshd.ts";

/** A cluster of servers on loopback, reached by ssh as machines of metal are. c1 controls, the others work. */
export interface Lab extends AsyncDisposable {
	readonly dir: string;
	readonly id: string;
	readonly master: Buffer;
	readonly sshds: Readonly<Record<string, Sshd>>;
	/** With sockets in a folder of the test's own. */
	readonly env: NodeJS.ProcessEnv;
	open(): Promise<Reached>;
}

/** `off` names are in cluster.toml, and nobody answers there. */
export async function startLab(names: readonly string[], off: readonly string[] = []): Promise<Lab> {
	const root = await mkdtemp(join(tmpdir(), "lab-"));
	const dir = join(root, "lab");
	await mkdir(dir);
	const admin = await createKey(join(root, "admin"), "lab admin");
	const sshds = await Promise.all(names.map((name) => startSshd(name, join(root, name), admin.publicKey)));
	await Promise.all(sshds.map(ordinary));
	const id = randomUUID();
	const master = randomBytes(32);
	const ports = [...sshds.map(({ name, port }) => ({ name, port })), ...off.map((name) => ({ name, port: 9 }))];
	await writeFile(join(dir, "cluster.toml"), clusterToml(id, ports));
	await writeFile(join(dir, "secrets.toml"), secretsToml(master, await readFile(admin.identity, "utf8")), { mode: 0o600 });
	const env = { XDG_RUNTIME_DIR: join(root, "run") };
	const opened: Reached[] = [];
	return {
		dir,
		id,
		master,
		env,
		sshds: Object.fromEntries(sshds.map((sshd) => [sshd.name, sshd])),
		open: async () => {
			const reached = await openReach(dir, env);
			opened.push(reached);
			return reached;
		},
		[Symbol.asyncDispose]: async () => {
			const targets = new Map(names.map((name) => [name, opened[0]?.link(name).target]));
			await Promise.all([...targets.values()].map((target) => target && closeSsh(target)));
			await Promise.all(sshds.map((sshd) => sshd.stop()));
			await rm(root, { recursive: true, force: true });
		},
	};
}

/** Stand-in for sudo: it notes for whom it was called and runs the command as who we are. */
const SUDO = `
printf "%s\\n" "$*" >> "$NODE_DIR/sudo.log"
while [ $# -gt 0 ]; do
	case "$1" in -n|-H) shift;; -u) shift 2;; --) shift; break;; *) break;; esac
done
exec "$@"`;

async function ordinary(sshd: Sshd): Promise<void> {
	await standIn(sshd, "sudo", SUDO);
	await standIn(sshd, "hostname", `echo ${sshd.name}`);
}

function clusterToml(id: string, nodes: readonly { name: string; port: number }[]): string {
	const head = `version = 1\nname = "lab"\nid = "${id}"\n\n[mesh]\nnetwork = "10.90.0.0/16"\n`;
	const tables = nodes.map(({ name, port }) => {
		const roles = name.startsWith("c") ? '["controller", "worker"]' : '["worker"]';
		const reach = `{ via = "ssh", host = "127.0.0.1", port = ${port}, user = "${userInfo().username}" }`;
		return `\n[[node]]\nname = "${name}"\nroles = ${roles}\nreach = ${reach}\n`;
	});
	return head + tables.join("");
}

function secretsToml(master: Buffer, key: string): string {
	const identity = generateKeyPairSync("ed25519").privateKey.export({ format: "der", type: "pkcs8" }).toString("base64");
	return [
		"# the lab's own",
		"version = 1",
		`master = "${master.toString("base64")}"`,
		`admin_ssh_key = '''\n${key}'''`,
		"",
		"[generation]",
		"serf = 1",
		"munge = 1 # as seeded",
		"announce = 1",
		"dbd = 1",
		"",
		"[[controller]]",
		'name = "c1"',
		`identity = "${identity}"`,
		"",
	].join("\n");
}

/** A status as a node's agent gives it. */
export function statusOf(name: string, more: object = {}): string {
	const given = { version: 1, node: `00000000000000${name}`, name, state: "ready", since: "2026-11-22T10:00:00.000Z", boot: "b" };
	return JSON.stringify({ ...given, cluster: "lab", ...more });
}
