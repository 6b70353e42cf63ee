import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderSeed } from "../../../cloud-init/seed.ts";
import { readSeedTemplates } from "../../../cloud-init/templates.ts";
import { readCluster, readSecrets } from "../../../cluster/describe/read.ts";
import { type DescribedSeed, type SeedFor, seedFor } from "../../../cluster/describe/seed.ts";
import { sshLink } from "../../../cluster/reach/link.ts";
import type { Link } from "../../../cluster/reach/types.ts";
import type { ClusterState, MachineState } from "../../../core/contract/cluster-state.ts";
import type { SecretsFile } from "../../../core/contract/secrets.ts";
import type { NodeStatus } from "../../../core/contract/status.ts";
import { poll } from "../../../core/deadline.ts";
import { closeSsh, waitForSsh } from "../../../core/ssh/ssh.ts";
import { macOf } from "../../../qemu/cluster/plan.ts";
import { removeMachine } from "../../../qemu/cluster/remove.ts";
import { plugOf, specOf } from "../../../qemu/cluster/spec.ts";
import { startMachine } from "../../../qemu/launch.ts";
import { createOverlay } from "../../../qemu/overlay-disk.ts";
import { freePorts, freeUdpPorts } from "../../../qemu/ports.ts";
import { createSeedDisk } from "../../../qemu/seed-disk.ts";
import type { StartedMachine } from "../../../qemu/started-machine.ts";
import { order } from "../../../qemu/switch/client.ts";
import { type Living, lastWords, scriptOn } from "./living.ts";

const TEMPLATES = join(import.meta.dirname, "../../../cloud-init");
/** Given out by nobody: the cluster's machines get theirs from .11 on. */
const ADDRESS = "192.168.77.120";
const GIB = 2 ** 30;

/** What a seed of the shared cluster says, for a machine that cluster.toml does not name. */
export async function seedOf(lab: Living, who: SeedFor, change: (secrets: SecretsFile) => SecretsFile = (same) => same) {
	const [described, secrets, state] = await Promise.all([readCluster(lab.dir), readSecrets(lab.dir), lab.state()]);
	const meet = state.machines.filter(({ name }) => described.controllers.includes(name)).map(({ lan }) => lan.address);
	const nics = { management: { mac: macOf(state.id, "stranger", "management"), nat: false } };
	return seedFor(described, change(secrets), who, { generation: 1, meet, slow: state.slow, nics });
}

/** A machine on the cluster's LAN that is none of the cluster's own. */
export class Stranger implements AsyncDisposable {
	readonly machine: StartedMachine;
	readonly link: Link;
	readonly #lab: Living;
	readonly #state: ClusterState;
	readonly #own: MachineState;

	private constructor(lab: Living, state: ClusterState, own: MachineState, machine: StartedMachine) {
		this.#lab = lab;
		this.#state = state;
		this.#own = own;
		this.machine = machine;
		const target = { host: "127.0.0.1", port: own.ssh, user: "clusteros", identity: join(lab.dir, ".clusteros/admin.key") };
		this.link = sshLink({
			name: own.name,
			dir: lab.dir,
			via: "qemu",
			target: { ...target, knownHosts: join(own.dir, "known_hosts") },
		});
	}

	/** Boots one with that seed, plugged into the cluster's switch; returns at once. It ends with us, however we end. */
	static async boot(lab: Living, seed: DescribedSeed): Promise<Stranger> {
		const state = await lab.state();
		const own = await plan(state);
		const spec = specOf(state, own);
		await createSeedDisk(join(own.dir, "seed.img"), { ...renderSeed(seed, readSeedTemplates(TEMPLATES)) });
		await createOverlay({ image: state.image, file: join(own.dir, "root.qcow2"), size: 8 * GIB });
		await order(state.switch.control, { order: "plug", plug: plugOf(state, own) });
		return new Stranger(lab, state, own, await startMachine(spec, { lifetime: "parent" }));
	}

	/** What a script prints there, run by root. */
	async root(script: string, input = ""): Promise<string> {
		return scriptOn(this.link, script, { timeout: 60_000 * this.#lab.slow, input });
	}

	async reachable(): Promise<void> {
		const late = async (error: Error) => {
			throw new Error(`${error.message}\n${await lastWords(this.#own.name, this.machine.console)}`);
		};
		await waitForSsh(this.link.target, 60_000 * this.#lab.slow).catch(late);
	}

	/** What its agent says, once that satisfies. @throws Error with what it said last, and its console's last words. */
	async until(satisfied: (status: NodeStatus) => boolean, seconds = 60): Promise<NodeStatus> {
		let last: NodeStatus | undefined;
		const look = async () => {
			last = JSON.parse(await this.root("cat /run/clusteros/status.json").catch(() => "{}")) as NodeStatus;
			return satisfied(last) ? last : undefined;
		};
		const found = await poll(look, { timeout: seconds * 1000 * this.#lab.slow, every: 1000 });
		if (found !== undefined) return found;
		throw new Error(`${JSON.stringify(last)}\n${await lastWords(this.#own.name, this.machine.console)}`);
	}

	/** Makes it a machine that was never in any cluster, with these files as its seed. */
	async startOver(files: DescribedSeed["files"]): Promise<void> {
		await this.root(
			`systemctl stop clusteros-agent clusteros-serf slurmd
			ip link delete wg0 2>/dev/null || true
			rm -rf /etc/clusteros/* /var/lib/clusteros/* /run/clusteros/status.json
			hostnamectl set-hostname localhost`,
		);
		for (const { path, content, mode } of files) {
			await this.root(`umask 077; cat > ${path}; chmod ${mode.toString(8)} ${path}`, content);
		}
		await this.root("systemctl start clusteros-agent");
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await closeSsh(this.link.target).catch(() => {});
		await this.machine.stop();
		await removeMachine(this.#state, this.#own);
		await rm(join(this.#own.dir, ".."), { recursive: true, force: true });
	}
}

async function plan(state: ClusterState): Promise<MachineState> {
	const dir = join(await mkdtemp(join(tmpdir(), "clusteros-stranger-")), "x1");
	await mkdir(dir);
	await chmod(dir, 0o700);
	const [[ssh], [port, peer]] = await Promise.all([freePorts(1), freeUdpPorts(2)]);
	const lan = { mac: macOf(state.id, "stranger", "lan"), address: ADDRESS, port: port!, peer: peer! };
	return {
		name: "x1",
		dir,
		ssh: ssh!,
		cpus: 1,
		memory: 1024,
		management: { mac: macOf(state.id, "stranger", "management") },
		lan,
	};
}
