import { chmod, mkdir, readFile, rename, rm } from "node:fs/promises";
import type { ClusterState, MachineState } from "../../core/contract/cluster-state.ts";
import { Interrupted, ToolError, UserError } from "../../core/errors.ts";
import { startMachine } from "../launch.ts";
import { createOverlay } from "../overlay-disk.ts";
import { freePorts, freeUdpPorts } from "../ports.ts";
import { createSeedDisk, type SeedFiles } from "../seed-disk.ts";
import type { StartedMachine } from "../started-machine.ts";
import { order } from "../switch/client.ts";
import { startSwitch } from "../switch/process.ts";
import { disksOfMachine, filesOfSwitch, socketDir } from "./files.ts";
import { removeCluster, removeMachine } from "./remove.ts";
import { plugOf, specOf } from "./spec.ts";
import { runningMachines, writeClusterState } from "./state.ts";

export interface StartInput {
	/** State folder, absolute. */
	readonly dir: string;
	readonly state: ClusterState;
	/** What was there before, to go back to when the start fails. */
	readonly before: ClusterState | undefined;
	/** The bundled switch. */
	readonly switchProgram: string;
	/** Start only these; all that do not run by default. */
	readonly only?: readonly string[] | undefined;
	/** Of machines that have no disk yet, by name. */
	readonly seeds: ReadonlyMap<string, SeedFiles>;
	/** Bytes that a new machine's disk shows the guest. */
	readonly diskSize: number;
	/** A snapshot that every machine goes on from; they stay paused. */
	readonly resume?: string | undefined;
	readonly signal?: AbortSignal | undefined;
}

/** Machines that this call has started. */
export interface StartedCluster {
	/** As written: ports that were taken meanwhile have been changed. */
	readonly state: ClusterState;
	readonly started: readonly StartedMachine[];
	/** Ends what was started and takes away what was made. */
	undo(): Promise<void>;
}

/**
 * Starts the switch and every machine of `state` that does not run; makes the disks of those that have none. All of it goes on
 * without us. When anything fails, or `signal` fires, what this call did is undone.
 * @throws ToolError with the last words of a QEMU that died; UserError for what a person can mend.
 */
export async function startCluster(input: StartInput): Promise<StartedCluster> {
	const work = new Start(input);
	try {
		await work.run();
	} catch (error) {
		await work.undo();
		throw error;
	}
	return { state: work.state, started: work.started, undo: () => work.undo() };
}

/** The phases of a start, and what each of them leaves to undo. */
class Start {
	state: ClusterState;
	readonly started: StartedMachine[] = [];
	readonly #input: StartInput;
	readonly #made: MachineState[] = [];
	#switchStarted = false;

	constructor(input: StartInput) {
		this.#input = input;
		this.state = input.state;
	}

	async run(): Promise<void> {
		const { dir, signal, switchProgram, only } = this.#input;
		await mkdir(socketDir(this.state), { recursive: true, mode: 0o700 });
		// Before anything runs: whatever happens to us, `down` knows what to look for.
		await writeClusterState(dir, this.state);
		const running = await runningMachines(this.state);
		const missing = this.state.machines.filter(({ name }) => !running.has(name) && (only?.includes(name) ?? true));
		await all(missing, (machine) => this.#makeDisks(machine));
		stopIf(signal);
		const { started } = await startSwitch(switchProgram, filesOfSwitch(dir, this.state), { network: this.state.network });
		this.#switchStarted = started;
		if (started) for (const machine of this.state.machines.filter(({ name }) => running.has(name))) await this.#plug(machine);
		await all(missing, (machine) => this.#start(machine));
		stopIf(signal);
	}

	async undo(): Promise<void> {
		const { dir, before } = this.#input;
		await Promise.all(this.started.map((machine) => machine.stop()));
		if (!before) return removeCluster(dir, this.state);
		await Promise.all(this.#made.map((machine) => removeMachine(this.state, machine)));
		await writeClusterState(dir, before);
		if (this.#switchStarted && (await runningMachines(before)).size === 0) {
			await order(this.state.switch.control, { order: "stop" }).catch(() => {});
		}
	}

	/** The root disk comes last and in one step: one that is there is whole, and so is its seed. */
	async #makeDisks(machine: MachineState): Promise<void> {
		const { image } = this.state;
		const { seeds, diskSize } = this.#input;
		const disks = disksOfMachine(machine);
		const seed = seeds.get(machine.name);
		if (!seed) return;
		this.#made.push(machine);
		await rm(machine.dir, { recursive: true, force: true });
		await mkdir(machine.dir, { recursive: true, mode: 0o700 });
		await createSeedDisk(disks.seed, seed);
		await createOverlay({ image, file: `${disks.root}.new`, size: diskSize });
		await chmod(`${disks.root}.new`, 0o600);
		await rename(`${disks.root}.new`, disks.root);
	}

	/** With other ports when somebody has taken them since they were found free. */
	async #start(machine: MachineState, attempts = 5): Promise<void> {
		const { resume, signal } = this.#input;
		try {
			await this.#plug(machine);
			const spec = specOf(this.state, machine, resume);
			this.started.push(await startMachine(spec, { lifetime: "detached", signal }));
		} catch (error) {
			if (signal?.aborted) throw new Interrupted();
			if (attempts === 0 || !isPortTaken(error, machine)) throw publishedTaken(error, machine) ?? error;
			await this.#start(await this.#withOtherPorts(machine), attempts - 1);
		}
	}

	async #withOtherPorts(machine: MachineState): Promise<MachineState> {
		const [[ssh, api], [port, peer]] = await Promise.all([freePorts(2), freeUdpPorts(2)]);
		const own = { ssh: ssh!, ...(machine.api === undefined ? {} : { api: api! }) };
		const changed: MachineState = { ...machine, ...own, lan: { ...machine.lan, port: port!, peer: peer! } };
		const machines = this.state.machines.map((each) => (each.name === machine.name ? changed : each));
		this.state = { ...this.state, machines };
		await writeClusterState(this.#input.dir, this.state);
		return changed;
	}

	async #plug(machine: MachineState): Promise<void> {
		const answer = await order(this.state.switch.control, { order: "plug", plug: plugOf(this.state, machine) });
		if (answer.ok) return;
		throw new PlugError(`the switch cannot plug ${machine.name} in: ${answer.error}`, answer.code);
	}
}

class PlugError extends Error {
	readonly code: string | undefined;
	constructor(message: string, code: string | undefined) {
		super(message);
		this.code = code;
	}
}

/** QEMU's words for a port of the machine's own, LAN, ssh or API, that somebody else has. */
function isPortTaken(error: unknown, { ssh, api }: MachineState): boolean {
	if (error instanceof PlugError) return error.code === "EADDRINUSE";
	if (!(error instanceof ToolError)) return false;
	const said = error.failure.tail.join("\n");
	const isOurs = [ssh, api].some((port) => said.includes(`host forwarding rule 'tcp:127.0.0.1:${port}-`));
	return isOurs || /can't bind .*Address already in use/.test(said);
}

/** A port that a person has chosen is not changed behind their back. */
function publishedTaken(error: unknown, { name, publish = [] }: MachineState): UserError | undefined {
	if (!(error instanceof ToolError)) return undefined;
	const said = error.failure.tail.join("\n");
	const taken = publish.find(({ host }) => said.includes(`host forwarding rule 'tcp:127.0.0.1:${host}-`));
	if (!taken) return undefined;
	const message = `--publish ${taken.host}:${name}:${taken.guest}: port ${taken.host} on 127.0.0.1 is taken`;
	return new UserError("failed", { message, fix: "take another, or end what listens there (ss -ltnp)" });
}

function stopIf(signal: AbortSignal | undefined): void {
	if (signal?.aborted) throw new Interrupted();
}

/** Waits for all, also when one fails: what still starts while we undo would be left behind. */
async function all<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
	const results = await Promise.allSettled(items.map(work));
	const failed = results.find((result) => result.status === "rejected");
	if (failed) throw failed.reason;
}

/** What a QEMU that is gone printed last. */
export async function lastWords(state: ClusterState, machine: MachineState): Promise<string[]> {
	const { files } = specOf(state, machine);
	const text = await readFile(files.log, "utf8").catch(() => "");
	return text.trim().split("\n").slice(-10);
}
