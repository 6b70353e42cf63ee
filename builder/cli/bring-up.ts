import { join } from "node:path";
import { openReach } from "../../cluster/reach/open.ts";
import type { ClusterState } from "../../core/contract/cluster-state.ts";
import { quote } from "../../core/process/quote.ts";
import { sizeOf } from "../../qemu/cluster/console-watch.ts";
import { withLock } from "../../qemu/cluster/lock.ts";
import { continueAll, SNAPSHOT } from "../../qemu/cluster/snapshot.ts";
import { lastWords, type StartedCluster, startCluster } from "../../qemu/cluster/start.ts";
import { patience } from "../../qemu/emulation.ts";
import type { SeedFiles } from "../../qemu/seed-disk.ts";
import { SerialLog } from "../../qemu/serial.ts";
import { makePaint, type Paint } from "../ui/paint.ts";
import { liveScreen, plainScreen, type Screen } from "../ui/screen.ts";
import type { CommandContext } from "./context.ts";
import { packageRoot } from "./root.ts";
import { changeLine, notReadyLines, type Row, tableLines } from "./up-view.ts";
import { waitUntilReady } from "./up-wait.ts";
import { wakeNode } from "./up-warm.ts";

export interface BringUpInput {
	/** The cluster's folder, as typed. */
	readonly shown: string;
	/** State folder, absolute. */
	readonly dir: string;
	readonly state: ClusterState;
	readonly before: ClusterState | undefined;
	readonly only?: readonly string[] | undefined;
	readonly seeds: ReadonlyMap<string, SeedFiles>;
	readonly diskSize: number;
	/** Go on from the snapshot. */
	readonly resume: boolean;
	/** Seconds. */
	readonly timeout?: number | undefined;
	readonly roles: ReadonlyMap<string, readonly string[]>;
	readonly json: boolean;
}

/** How a cluster stands once it is ready or the time is over. */
export interface BroughtUp {
	readonly state: ClusterState;
	readonly rows: readonly Row[];
	readonly ready: boolean;
	/** Names of the machines that were started now. */
	readonly started: readonly string[];
	readonly seconds: number;
}

/**
 * Starts machines and waits until their nodes are ready, showing how they come up. A cluster that is not ready in time is left
 * running, and said to be; one that was interrupted is undone as far as this call had started it.
 * @throws what `startCluster` does, and Interrupted.
 */
export async function bringUp(input: BringUpInput, { signal }: CommandContext): Promise<BroughtUp> {
	const began = performance.now();
	const from = await logSizes(input.state);
	const started = await withLock(input.dir, () => start(input, signal));
	try {
		const rows = input.resume ? await wake(input, started, signal) : await watch(input, started, from, began, signal);
		const ready = rows.every(({ state }) => state === "ready");
		const seconds = (performance.now() - began) / 1000;
		if (!ready) await showNotReady(input, started.state, rows, seconds);
		return { state: started.state, rows, ready, started: started.started.map(({ spec }) => spec.name), seconds };
	} catch (error) {
		if (signal.aborted) await withLock(input.dir, () => started.undo());
		throw error;
	}
}

async function start(input: BringUpInput, signal: AbortSignal): Promise<StartedCluster> {
	const switchProgram = join(packageRoot(), "dist/switch.js");
	const resume = input.resume ? SNAPSHOT : undefined;
	const started = await startCluster({ ...input, switchProgram, resume, signal });
	if (input.resume) await continueAll(started.started);
	return started;
}

/** Bytes that the serial logs have before anything is started: what comes after is of this start. */
async function logSizes({ machines }: ClusterState): Promise<ReadonlyMap<string, number>> {
	return new Map(
		await Promise.all(machines.map(async ({ name, dir }) => [name, await sizeOf(join(dir, "serial.log"))] as const)),
	);
}

/** A snapshot was made of a ready cluster: nothing is printed any more, each node is asked instead. */
async function wake(input: BringUpInput, { state }: StartedCluster, signal: AbortSignal): Promise<readonly Row[]> {
	const reach = await openReach(join(input.dir, ".."));
	const began = performance.now();
	try {
		const timeout = input.timeout === undefined ? patience(30, state.accel) : input.timeout * 1000;
		return await Promise.all(
			state.machines.map(async ({ name }) => {
				const { state: word, mesh = "-", reason = "" } = await wakeNode(reach, name, timeout, signal);
				const roles = input.roles.get(name) ?? [];
				return { name, roles, state: word, mesh, reason, at: (performance.now() - began) / 1000 };
			}),
		);
	} finally {
		await reach.close();
	}
}

async function watch(
	input: BringUpInput,
	{ state, started }: StartedCluster,
	sizes: ReadonlyMap<string, number>,
	began: number,
	signal: AbortSignal,
): Promise<readonly Row[]> {
	const { only, roles, json } = input;
	const names = new Set(started.map(({ spec }) => spec.name));
	const from = new Map([...sizes].filter(([name]) => names.has(name)));
	const machines = state.machines.filter(({ name }) => only?.includes(name) ?? true);
	const timeout = input.timeout ?? defaultTimeout(state);
	const reach = await openReach(join(input.dir, ".."));
	const view = new View(
		machines.map(({ name }) => ({ ...UNSEEN, name, roles: roles.get(name) ?? [] })),
		began,
		json,
	);
	try {
		const changed = (row: Row) => view.change(row);
		return await waitUntilReady({ state: { ...state, machines }, roles, from, reach, timeout, began, signal, changed });
	} finally {
		view.close();
		await reach.close();
	}
}

const UNSEEN = { state: "starting", mesh: "-", reason: "", at: 0 } as const;

/** Seconds: a minute or two under KVM, more where emulated machines share the processors, the more so with k3s. */
function defaultTimeout({ accel, machines }: ClusterState): number {
	const k3s = machines.some(({ api }) => api !== undefined);
	return patience(k3s ? 120 + 20 * machines.length : 60 + 10 * machines.length, accel) / 1000;
}

/** The table on a terminal, a line for each change elsewhere, nothing for programs. */
class View {
	readonly #rows: Map<string, Row>;
	readonly #paint: Paint = makePaint(process.stderr, process.env);
	readonly #screen: Screen | undefined;
	readonly #live: boolean;

	constructor(rows: readonly Row[], began: number, json: boolean) {
		this.#rows = new Map(rows.map((row) => [row.name, row]));
		this.#live = process.stderr.isTTY === true && process.env.TERM !== "dumb";
		if (json) return;
		this.#screen = this.#live ? liveScreen(process.stderr) : plainScreen(process.stderr);
		this.#screen.follow(() => this.#lines((performance.now() - began) / 1000));
	}

	change(row: Row): void {
		this.#rows.set(row.name, row);
		if (!this.#live) this.#screen?.print(changeLine(row, this.#paint));
	}

	/** The table stays as it was last. */
	close(): void {
		const rows = [...this.#rows.values()];
		this.#screen?.follow(() => []);
		if (this.#live && this.#screen)
			for (const line of tableLines(rows, Math.max(...rows.map(({ at }) => at)), this.#paint)) this.#screen.print(line);
		this.#screen?.close();
	}

	#lines(now: number): string[] {
		const rows = [...this.#rows.values()];
		if (this.#live) return tableLines(rows, now, this.#paint);
		return rows.filter(({ state }) => state !== "ready").map((row) => changeLine({ ...row, at: now }, this.#paint));
	}
}

async function showNotReady(input: BringUpInput, state: ClusterState, rows: readonly Row[], seconds: number): Promise<void> {
	const paint = makePaint(process.stderr, process.env);
	const tails = new Map<string, readonly string[]>();
	for (const { name, state: word } of rows) {
		if (word === "ready") continue;
		const machine = state.machines.find((each) => each.name === name)!;
		const log = join(machine.dir, "serial.log");
		const words = word === "off" ? await lastWords(state, machine) : [];
		tails.set(name, [...(await new SerialLog(log).tail(8)), ...words.filter(Boolean), `(all of it: ${log})`]);
	}
	const dir = quote(input.shown);
	const lines = [
		...notReadyLines(rows, tails, paint),
		`${paint("bad", "error:")} not ready after ${Math.round(seconds)} s. The machines are left running to be looked at:`,
		`  clusteros status ${dir} · clusteros logs ${dir} NODE · clusteros up ${dir} (goes on waiting) · clusteros down ${dir}`,
	];
	process.stderr.write(`${lines.join("\n")}\n`);
}
