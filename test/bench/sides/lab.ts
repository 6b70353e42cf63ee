import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openReach } from "../../../cluster/reach/open.ts";
import type { Reached } from "../../../cluster/reach/types.ts";
import { run } from "../../../core/process/run.ts";
import type { Accel } from "../../../qemu/machine.ts";
import { removeTree } from "../scratch.ts";

export interface LabSpec {
	/** Node to run the command line with. */
	readonly node: string;
	/** Our checkout. */
	readonly root: string;
	/** The cluster's folder. */
	readonly dir: string;
	readonly image: string;
	readonly nodes: number;
	readonly accel: Accel;
	readonly signal: AbortSignal;
}

/** Seconds: a host that is slow today is measured all the same. */
const TIMEOUT = 3600;

/** A cluster of our own, made and run by the commands that a person types. Leaving its scope ends it. */
export class Lab implements AsyncDisposable {
	readonly spec: LabSpec;

	constructor(spec: LabSpec) {
		this.spec = spec;
	}

	async init(): Promise<void> {
		await this.#clusteros("init", "--nodes", String(this.spec.nodes));
	}

	/** Starts it and waits until it is ready; with `warm`, a snapshot is kept, or resumed. */
	async up(options: { readonly warm: boolean }): Promise<void> {
		const { image, accel } = this.spec;
		const patience = ["--timeout", String(TIMEOUT)];
		await this.#clusteros("up", "--image", image, "--accel", accel, ...patience, ...(options.warm ? ["--warm"] : []));
	}

	/** Pulls the plugs; the disks stay. */
	async stop(): Promise<void> {
		await this.#clusteros("stop", "--now");
	}

	/** A job over all nodes, as an ordinary user. @throws when not each of them has answered. */
	async srun(): Promise<void> {
		const { nodes } = this.spec;
		const printed = await this.#clusteros("exec", "c1", "--user", "user", "--", "srun", `-N${nodes}`, "hostname");
		const names = new Set(printed.split("\n").filter(Boolean));
		if (names.size !== nodes) throw new Error(`srun -N${nodes} printed ${[...names].join(", ") || "nothing"}`);
	}

	/** For questions to its nodes. */
	async reach(): Promise<Reached> {
		return openReach(this.spec.dir);
	}

	/** Process ids of its machines, by name. */
	machines(): ReadonlyMap<string, number> {
		const state = join(this.spec.dir, ".clusteros");
		const names = entries(state).filter((entry) => entry.isDirectory());
		return new Map(names.flatMap(({ name }) => pidIn(join(state, name, "qemu.pid")).map((pid) => [name, pid] as const)));
	}

	/** Of all that runs on its own: the machines and their switch. */
	processes(): number[] {
		return [...this.machines().values(), ...pidIn(join(this.spec.dir, ".clusteros/switch.pid"))];
	}

	async [Symbol.asyncDispose](): Promise<void> {
		// Also after ^C: what still runs here is ours to end.
		await this.#run(undefined, "down", "--now");
		await removeTree(this.spec.dir);
	}

	async #clusteros(command: string, ...args: readonly string[]): Promise<string> {
		return this.#run(this.spec.signal, command, ...args);
	}

	async #run(signal: AbortSignal | undefined, command: string, ...args: readonly string[]): Promise<string> {
		const { node, root, dir } = this.spec;
		const argv = [node, join(root, "bin/clusteros.mjs"), command, dir, ...args];
		return (await run(argv, { doing: `running clusteros ${command}`, signal })).stdout;
	}
}

function entries(dir: string) {
	try {
		return readdirSync(dir, { withFileTypes: true });
	} catch {
		return [];
	}
}

function pidIn(file: string): number[] {
	try {
		const pid = Number.parseInt(readFileSync(file, "utf8"), 10);
		return pid > 0 ? [pid] : [];
	} catch {
		return [];
	}
}
