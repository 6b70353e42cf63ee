import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { openReach } from "../../../cluster/reach/open.ts";
import type { Link, LinkOptions } from "../../../cluster/reach/types.ts";
import type { ClusterState, MachineState } from "../../../core/contract/cluster-state.ts";
import { agentState, type NodeStatus } from "../../../core/contract/status.ts";
import { poll } from "../../../core/deadline.ts";
import { ToolError } from "../../../core/errors.ts";
import { ConsoleWatch, sizeOf } from "../../../qemu/cluster/console-watch.ts";
import { type Fault, faultNode } from "../../../qemu/cluster/fault.ts";
import { machineNamed, readClusterState } from "../../../qemu/cluster/state.ts";
import { SerialLog } from "../../../qemu/serial.ts";
import { mustClusteros } from "../clusteros.ts";

/** Milliseconds between two looks that cost an ssh command each; the nodes share the host's processors with us. */
const LOOK = 1000;
const ORDER: readonly string[] = agentState.options;

/** A cluster that runs, while bad luck befalls it. Times are given as on metal, and grow with the cluster's own `slow`. */
export class Living {
	readonly dir: string;
	readonly slow: number;

	private constructor(dir: string, slow: number) {
		this.dir = dir;
		this.slow = slow;
	}

	static async open(dir: string): Promise<Living> {
		const { slow } = await openReach(dir);
		return new Living(dir, slow);
	}

	/** As it is now: nodes come and go. */
	async state(): Promise<ClusterState> {
		return (await readClusterState(join(this.dir, ".clusteros")))!;
	}

	async machine(node: string): Promise<MachineState> {
		return machineNamed(await this.state(), node);
	}

	/** Opened anew each time: a node that was installed again has another host key. */
	async link(node: string): Promise<Link> {
		return (await openReach(this.dir)).link(node);
	}

	/** What a script prints on a node, run by root. */
	async root(node: string, script: string, options: LinkOptions = {}): Promise<string> {
		return scriptOn(await this.link(node), script, { timeout: 60_000 * this.slow, ...options });
	}

	/** As {@link root}, by the user who runs jobs. */
	async user(node: string, script: string): Promise<string> {
		return this.root(node, script, { as: "user" });
	}

	async status(node: string): Promise<NodeStatus> {
		return JSON.parse(await this.root(node, "cat /run/clusteros/status.json")) as NodeStatus;
	}

	async serial(node: string): Promise<SerialLog> {
		return new SerialLog(join((await this.machine(node)).dir, "serial.log"));
	}

	async fault(node: string, fault: Fault): Promise<void> {
		await faultNode(await this.state(), node, fault);
	}

	/** Pulls a node's plug and writes it anew: refused under its old name, by a node of the pattern `by`, until it is readmitted. */
	async writtenAnew(node: string, by: string): Promise<void> {
		await mustClusteros("fault", this.dir, node, "kill");
		await rm(join((await this.machine(node)).dir, "root.qcow2"));
		// `up` makes it a disk; `start` goes on with the one that is there.
		const starting = mustClusteros("up", this.dir);
		// It may fail while something else is awaited here.
		starting.catch(() => {});
		const refused = new RegExp(`${by} refuses this node: another key is pinned`);
		await this.until(`${node} to say why it is left out`, node, 90, async () =>
			refused.test((await this.status(node)).reason ?? ""),
		);
		await mustClusteros("readmit", this.dir, node);
		await starting;
	}

	/** Looks until there is something to see. @throws Error with the last words of the nodes' consoles after `seconds`. */
	async until<T>(
		what: string,
		nodes: string | readonly string[],
		seconds: number,
		look: () => Promise<T | false | undefined>,
	): Promise<T> {
		let last = "";
		const seen = await poll(
			async () => {
				try {
					return (await look()) || undefined;
				} catch (error) {
					last = (error as Error).message;
					return undefined;
				}
			},
			{ timeout: seconds * 1000 * this.slow, every: LOOK },
		);
		if (seen !== undefined) return seen;
		const consoles = await Promise.all([nodes].flat().map(async (node) => lastWords(node, await this.serial(node))));
		throw new Error([`${what}: not within ${seconds * this.slow} s. ${last}`, ...consoles].join("\n"));
	}

	/** Waits until these nodes are ready by their own word, and SLURM gives work to each of them. */
	async ready(nodes: readonly string[], seconds = 60): Promise<void> {
		const hosts = nodes.join(",");
		await this.until(`${hosts} ready`, nodes, seconds, async () => {
			const states = await Promise.all(nodes.map((node) => this.status(node)));
			return states.every(({ state }) => state === "ready");
		});
		await this.until(`SLURM to use ${hosts}`, nodes, seconds, async () => {
			const ran = await this.user("c1", `srun --immediate=60 -N${nodes.length} -w ${hosts} hostname`);
			return ran.trim().split("\n").toSorted().join() === [...nodes].toSorted().join();
		});
	}

	/** What SLURM says a node is: `idle`, `down*`, … */
	async slurmState(node: string): Promise<string> {
		return (await this.root("c1", `sinfo -h -N -n ${node} -o %T`)).trim().split("\n")[0]!;
	}

	/** Waits until a unit's journal on a node has a line like that, written after `since` (seconds since 1970, by that node's clock). */
	async journal(node: string, unit: string, since: number, words: RegExp, seconds = 20): Promise<string> {
		return this.until(`${words} in the journal of ${unit}`, node, seconds, async () => {
			const text = await this.root(node, `journalctl -q --no-pager -o cat -u ${unit} --since @${since}`);
			return text.split("\n").find((line) => words.test(line));
		});
	}

	/** Seconds since 1970, by a node's own clock. */
	async now(node: string): Promise<number> {
		return Number(await this.root(node, "date +%s"));
	}

	/**
	 * Pulls the plug of a node as soon as its console says that it is in `state`, or past it; resolves to the state it said last.
	 * To be called before the node is started.
	 */
	async killedAt(node: string, state: NodeStatus["state"], seconds = 60): Promise<string> {
		const { dir } = await this.machine(node);
		const file = join(dir, "serial.log");
		const watch = new ConsoleWatch(file, await sizeOf(file));
		const past = async () => {
			await watch.look();
			return ORDER.indexOf(watch.view.state) >= ORDER.indexOf(state) || undefined;
		};
		const found = await poll(past, { timeout: seconds * 1000 * this.slow, every: 20 });
		expect(found, await lastWords(node, new SerialLog(file))).toBe(true);
		await this.fault(node, { kind: "kill" });
		await watch.look();
		return watch.view.state;
	}

	/** Process ids of its machines, in their order. */
	async processes(): Promise<number[]> {
		const pids = (await this.state()).machines.map(({ dir }) => readFile(join(dir, "qemu.pid"), "utf8"));
		return (await Promise.all(pids)).map(Number);
	}
}

/** What a script prints, run by root unless `options` says otherwise. */
export async function scriptOn(link: Link, script: string, options: LinkOptions = {}): Promise<string> {
	try {
		return (await link.run(["sh", "-ec", script], { as: "root", ...options })).stdout;
	} catch (error) {
		// A test's report shows the message alone.
		if (!(error instanceof ToolError)) throw error;
		throw new Error([error.message, ...error.failure.tail].join("\n"), { cause: error });
	}
}

/** For a test that fails: what a console showed last. */
export async function lastWords(node: string, log: SerialLog): Promise<string> {
	return [`${node}, last lines of its console (all of it: ${log.file}):`, ...(await log.tail(15))].join("\n  | ");
}
