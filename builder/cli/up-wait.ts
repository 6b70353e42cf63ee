import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Reached } from "../../cluster/reach/types.ts";
import type { ClusterState } from "../../core/contract/cluster-state.ts";
import { type NodeStatus, nodeStatus } from "../../core/contract/status.ts";
import { Interrupted } from "../../core/errors.ts";
import { ConsoleWatch } from "../../qemu/cluster/console-watch.ts";
import { runningMachines } from "../../qemu/cluster/state.ts";
import type { Row } from "./up-view.ts";

export interface WaitInput {
	readonly state: ClusterState;
	readonly roles: ReadonlyMap<string, readonly string[]>;
	/** Bytes of each serial log that are of an earlier start; 0 for a machine that ran already. */
	readonly from: ReadonlyMap<string, number>;
	/** For nodes whose console is silent. */
	readonly reach: Reached;
	/** Seconds. */
	readonly timeout: number;
	/** Milliseconds of a clock that never goes back, when the start began. */
	readonly began: number;
	readonly signal: AbortSignal;
	/** A row that has changed. */
	readonly changed: (row: Row) => void;
}

/** Milliseconds between two looks at the consoles. */
const LOOK = 250;
/** Milliseconds without a word after which a node is asked over ssh: the kernel's own words may have spoilt the agent's line. */
const SILENCE = 30_000;

/** Waits until every node says that it is ready, one has ended, or the time is over. Returns how they stand then. @throws Interrupted. */
export async function waitUntilReady(input: WaitInput): Promise<readonly Row[]> {
	const nodes = input.state.machines.map((machine) => new WatchedNode(machine.name, join(machine.dir, "serial.log"), input));
	const end = input.began + input.timeout * 1000;
	for (;;) {
		if (input.signal.aborted) throw new Interrupted();
		const running = await runningMachines(input.state);
		await Promise.all(nodes.map((node) => node.look(running.has(node.row.name))));
		const rows = nodes.map(({ row }) => row);
		const over = rows.every(({ state }) => state === "ready") || rows.some(({ state }) => state === "off");
		if (over || performance.now() >= end) return rows;
		await sleep(LOOK);
	}
}

/** One node: what its console says, and where that is silent, what its agent answers. */
class WatchedNode {
	row: Row;
	readonly #watch: ConsoleWatch;
	readonly #input: WaitInput;
	#heard = performance.now();
	#asking = false;

	constructor(name: string, log: string, input: WaitInput) {
		this.#input = input;
		this.#watch = new ConsoleWatch(log, input.from.get(name) ?? 0);
		this.row = { name, roles: input.roles.get(name) ?? [], state: "starting", mesh: "-", reason: "", at: 0 };
	}

	async look(runs: boolean): Promise<void> {
		if (!runs) return this.#become({ state: "off" });
		if (await this.#watch.look()) {
			this.#heard = performance.now();
			const { state, mesh, reason } = this.#watch.view;
			this.#become({ state, mesh, reason });
		}
		const silent = performance.now() - this.#heard > SILENCE;
		if (silent && !this.#asking && !["ready", "starting"].includes(this.row.state)) void this.#ask();
	}

	async #ask(): Promise<void> {
		this.#asking = true;
		const status = await askStatus(this.#input.reach, this.row.name, this.#input.signal);
		this.#heard = performance.now();
		this.#asking = false;
		if (status && status.state !== this.row.state)
			this.#become({ state: status.state, mesh: status.mesh ?? "-", reason: status.reason ?? "" });
	}

	#become(change: Partial<Row>): void {
		const next = { ...this.row, ...change };
		const isNews = next.state !== this.row.state || next.reason !== this.row.reason || next.mesh !== this.row.mesh;
		if (!isNews) return;
		const at = next.state === this.row.state ? this.row.at : (performance.now() - this.#input.began) / 1000;
		this.row = { ...next, at };
		this.#input.changed(this.row);
	}
}

/** What a node's agent says of itself now; undefined when it cannot be asked. */
export async function askStatus(reach: Reached, node: string, signal?: AbortSignal): Promise<NodeStatus | undefined> {
	try {
		const options = { timeout: 60_000, signal, doing: `asking ${node} for its state` };
		const { stdout } = await reach.link(node).run(["cat", "/run/clusteros/status.json"], options);
		return nodeStatus.safeParse(JSON.parse(stdout)).data;
	} catch {
		return undefined;
	}
}
