import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { loadWireguardKey } from "../../agent/mesh/wireguard-key.ts";
import { runAgent } from "../../agent/run.ts";
import type { World } from "../../agent/world.ts";
import type { SeedCluster, SeedSecrets } from "../../core/contract/seed.ts";
import { type NodeStatus, nodeStatus } from "../../core/contract/status.ts";
import { poll } from "../../core/deadline.ts";
import { freePorts } from "../../qemu/ports.ts";
import { fillNode } from "./scratch.ts";
import { putFile, putSeed } from "./seeds.ts";

/** Whole agents with real Serf daemons, on addresses of the loopback network: no root, no network. wg and systemd are played. */

const FOLDERS = ["/usr/bin", "/usr/local/bin", ...(process.env.PATH ?? "").split(delimiter)];
const SERF = FOLDERS.map((dir) => join(dir, "serf")).find((path) => existsSync(path));

/** Why these tests cannot run here; undefined when they can. */
export const noSerf = SERF === undefined ? "no serf on this machine: apt install serf" : undefined;

const PATIENCE = 15_000;
const RUNNING = new Set<LoopbackNode>();

export interface NodeSpec {
	readonly host: string;
	/** Last number of its address on 127.0.0.0/8. */
	readonly address: number;
	readonly cluster: SeedCluster;
	readonly secrets: SeedSecrets;
	/** Of a node that was there before: its disk. */
	readonly root?: string;
}

/** One node: its agent runs in this process, its Serf is a child. */
export class LoopbackNode implements AsyncDisposable {
	readonly root: string;
	readonly lines: string[] = [];
	/** Every program but Serf, as a line. */
	readonly ran: string[] = [];
	readonly #spec: NodeSpec;
	#stop = new AbortController();
	#running: Promise<void> | undefined;
	#serf: ChildProcess | undefined;

	constructor(spec: NodeSpec) {
		this.#spec = spec;
		this.root = spec.root ?? mkdtempSync(join(tmpdir(), "clusteros-loopback-"));
		if (spec.root !== undefined) return;
		fillNode(this.root, spec.host);
		putFile({ root: this.root } as World, "/sys/class/net/lan0/carrier", "1\n");
		putFile({ root: this.root } as World, "/sys/class/net/lan0/device/uevent", "");
		putSeed({ root: this.root } as World, spec.cluster, spec.secrets);
	}

	/** Starts the agent, which starts Serf. */
	async start(): Promise<this> {
		const [port] = await freePorts(1);
		this.#stop = new AbortController();
		const env = { CLUSTEROS_SERF_RPC_PORT: String(port) };
		RUNNING.add(this);
		this.#running = runAgent(this.#world(env), this.#stop.signal);
		return this;
	}

	/** The agent ends, then Serf: a shutdown. Its disk stays. */
	async halt(): Promise<void> {
		this.#stop.abort();
		await this.#running;
		RUNNING.delete(this);
		await this.#endSerf("SIGKILL");
	}

	status(): NodeStatus {
		return nodeStatus.parse(JSON.parse(readFileSync(`${this.root}/run/clusteros/status.json`, "utf8")));
	}

	file(path: string): string {
		return readFileSync(this.root + path, "utf8");
	}

	/** The agent's socket is below its root. */
	get world(): World {
		return this.#world({});
	}

	/** Waits until the status satisfies; fails with what it was instead. */
	async until(what: (status: NodeStatus) => boolean): Promise<NodeStatus> {
		const look = () => {
			const status = existsSync(`${this.root}/run/clusteros/status.json`) ? this.status() : undefined;
			return status !== undefined && what(status) ? status : undefined;
		};
		const status = await poll(look, { timeout: PATIENCE, every: 20 });
		if (status) return status;
		throw new Error(`${this.#spec.host}: ${JSON.stringify(this.status(), null, 1)}\n${this.lines.slice(-10).join("\n")}`);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.halt();
		if (this.#spec.root === undefined) rmSync(this.root, { recursive: true, force: true });
	}

	#world(env: Record<string, string>): World {
		const cidr = `127.0.0.${this.#spec.address}/8`;
		const lan = { family: "IPv4", address: cidr.split("/")[0], cidr, mac: "52:54:00:00:00:01", internal: false, netmask: "" };
		return {
			root: this.root,
			env,
			pid: process.pid,
			now: () => new Date(),
			random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
			print: (line) => this.lines.push(line),
			exec: async (argv) => this.#play(argv),
			chown: () => {},
			interfaces: () => ({ lan0: [lan] }) as never,
		};
	}

	/** systemd runs Serf; WireGuard's handshakes are worked out; the rest is noted. */
	async #play(argv: readonly string[]) {
		const line = argv.join(" ").replaceAll(this.root, "");
		if (line.startsWith("systemctl") && line.endsWith("clusteros-serf.service")) await this.#serfUnit(argv[1]!);
		else this.ran.push(line);
		if (line.startsWith("ip -batch")) putFile({ root: this.root } as World, "/sys/class/net/wg0/mtu", "1420\n");
		const stdout = line === "wg show wg0 latest-handshakes" ? this.#handshakes() : "";
		return { code: 0, stdout, stderr: "" };
	}

	/** Two shake hands that have each other as peers. */
	#handshakes(): string {
		const own = loadWireguardKey(this.world).public;
		const now = Math.floor(Date.now() / 1000);
		const shaken = [...RUNNING].filter((other) => this.#hasPeer(loadWireguardKey(other.world).public) && other.#hasPeer(own));
		return shaken.map((other) => `${loadWireguardKey(other.world).public}\t${now}\n`).join("");
	}

	#hasPeer(key: string): boolean {
		const conf = `${this.root}/run/clusteros/wg0.conf`;
		return existsSync(conf) && readFileSync(conf, "utf8").includes(`PublicKey = ${key}\n`);
	}

	async #serfUnit(verb: string): Promise<void> {
		if (verb === "restart") await this.#endSerf("SIGTERM");
		if (this.#serf !== undefined && this.#serf.exitCode === null && this.#serf.signalCode === null) return;
		const config = `-config-file=${this.root}/etc/clusteros/serf.json`;
		this.#serf = spawn(SERF!, ["agent", config], { stdio: ["ignore", "ignore", "ignore"] });
	}

	async #endSerf(signal: NodeJS.Signals): Promise<void> {
		const serf = this.#serf;
		if (serf === undefined || serf.exitCode !== null || serf.signalCode !== null) return;
		const gone = once(serf, "exit");
		serf.kill(signal);
		await gone;
	}
}
