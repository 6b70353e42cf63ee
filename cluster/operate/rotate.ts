import type { Purpose } from "../../core/contract/purposes.ts";
import type { SecretsFile } from "../../core/contract/secrets.ts";
import { poll } from "../../core/deadline.ts";
import { ToolError, UserError } from "../../core/errors.ts";
import { quote } from "../../core/process/quote.ts";
import { readSecrets, writeSecrets } from "../describe/secrets.ts";
import { forEach } from "../reach/each.ts";
import type { Reached } from "../reach/types.ts";
import { Unreachable } from "../reach/unreachable.ts";
import { hasDone, PHASES, type Phase, type Rotation, readRotation, removeRotation, writeRotation } from "./rotation-file.ts";
import { nextGenerations, secretsForPhase } from "./rotation-secrets.ts";
import { askStatus, type NodeAnswer } from "./status.ts";

export interface RotateOptions {
	readonly purposes: readonly Purpose[];
	/** Go on with the rotation that was begun. */
	readonly resume: boolean;
	readonly now: Date;
	readonly signal?: AbortSignal | undefined;
	readonly watch?: RotateWatcher | undefined;
}

/** Hears how a rotation goes. */
export interface RotateWatcher {
	phase(phase: Phase, nodes: readonly string[]): void;
	done(phase: Phase, node: string, said: string): void;
	/** A node goes no further in this run. */
	left(node: string, why: string): void;
	/** All nodes of this phase have done it. */
	ended(phase: Phase): void;
}

export interface Rotated {
	readonly generation: Rotation["to"];
	/** Nodes that use the new keys alone. */
	readonly moved: readonly string[];
	/** Nodes that keep the old keys, and why. */
	readonly left: readonly { readonly name: string; readonly why: string }[];
	/** Members that cluster.toml does not name: nobody could bring them the new keys. */
	readonly strangers: readonly string[];
}

/** Seconds on metal: for one node's answer, and for all to be ready again after a phase. */
const ANSWER = 60;
const SETTLE = 120;
/** Seconds on metal after which an agent that still is as it was has nothing to do for a phase. */
const REACTION = 5;

/**
 * Moves a running cluster to new keys, over ssh: every node accepts them beside the old ones, then all use them, then all drop
 * the old ones. What is done is kept in `.clusteros/rotation.json`, so that a rotation that was cut can go on. Nodes that are
 * off are left out and named; they come after with `resume`.
 * @throws UserError when no node can be asked, or one refuses: the others then still open with both keys.
 */
export async function rotate(reached: Reached, options: RotateOptions): Promise<Rotated> {
	const { dir } = reached;
	const before = await readRotation(dir);
	checkBegun(reached, before, options.resume);
	const secrets = await readSecrets(dir);
	const answers = await askStatus(reached, reached.nodes, options.signal);
	if (answers.every(({ status }) => status === undefined)) throw nobody(answers);
	const state = options.resume ? before! : await begin(dir, secrets, options);
	if (options.resume) await catchUp(dir, secrets, state);
	const run = new Run(reached, { ...secrets, generation: state.to }, state, answers, options);
	for (const phase of PHASES) await run.phase(phase);
	return run.end();
}

function checkBegun(reached: Reached, before: Rotation | undefined, resume: boolean): void {
	const again = `clusteros rotate ${quote(reached.dir)}`;
	if (resume && !before) throw new UserError("usage", { message: "no rotation is under way", fix: `to begin one: ${again}` });
	if (resume || !before) return;
	const midway = reached.nodes.filter(({ name }) => before.nodes[name] !== undefined && before.nodes[name] !== "drop");
	if (midway.length === 0) return;
	const message = `a rotation is under way: ${midway.map(({ name }) => name).join(", ")} hold old keys and new ones`;
	const fix = `go on with it: ${again} --resume\nwho never comes back must leave cluster.toml first`;
	throw new UserError("failed", { message, fix });
}

function nobody(answers: readonly NodeAnswer[]): UserError {
	const problems = answers.map(({ name, problem, fix }) => ({ message: `${name}: ${problem}`, fix }));
	return new UserError("failed", [...problems, { message: "no node answers; no key was changed" }]);
}

/** The plan is on disk before the secrets, and the secrets before any node has heard of them. */
async function begin(dir: string, secrets: SecretsFile, { purposes, now }: RotateOptions): Promise<Rotation> {
	const to = nextGenerations(secrets.generation, purposes);
	const state: Rotation = { version: 1, started: now.toISOString(), from: secrets.generation, to, nodes: {} };
	await writeRotation(dir, state);
	await writeSecrets(dir, { ...secrets, generation: to });
	return state;
}

/** A run that was cut between the plan and the secrets. */
async function catchUp(dir: string, secrets: SecretsFile, { to }: Rotation): Promise<void> {
	const behind = (Object.keys(to) as Purpose[]).some((purpose) => secrets.generation[purpose] < to[purpose]);
	if (behind) await writeSecrets(dir, { ...secrets, generation: to });
}

function readySince(answers: readonly NodeAnswer[]): Map<string, string> {
	const ready = answers.flatMap(({ name, status }) => (status?.state === "ready" ? [[name, status.since] as const] : []));
	return new Map(ready);
}

/** One run of `rotate`, from the nodes' first answers to the end. */
class Run {
	readonly #reached: Reached;
	readonly #secrets: SecretsFile;
	readonly #state: Rotation;
	readonly #answers: ReadonlyMap<string, NodeAnswer>;
	readonly #options: RotateOptions;
	readonly #left = new Map<string, string>();
	/** Since when nodes are ready that were so at the beginning. */
	readonly #since: Map<string, string>;

	constructor(reached: Reached, secrets: SecretsFile, state: Rotation, answers: readonly NodeAnswer[], options: RotateOptions) {
		this.#reached = reached;
		this.#secrets = secrets;
		this.#state = state;
		this.#answers = new Map(answers.map((answer) => [answer.name, answer]));
		this.#options = options;
		this.#since = readySince(answers);
		for (const { name, status, problem } of answers) if (!status) this.#leave(name, problem ?? "no answer");
	}

	/** All nodes that have not done it and are still in, at once: in between, some seal with keys that others do not use yet. */
	async phase(phase: Phase): Promise<void> {
		const names = this.#in().filter((name) => !hasDone(this.#state, name, phase));
		if (names.length === 0) return;
		const { watch } = this.#options;
		watch?.phase(phase, names);
		const refusals = await this.#applyAll(names, phase);
		if (refusals.length > 0) throw this.#refused(refusals);
		await this.#settle(names);
		watch?.ended(phase);
	}

	/** What was done is kept also when the rest is interrupted. Returns what nodes refused. */
	async #applyAll(names: readonly string[], phase: Phase): Promise<string[]> {
		try {
			const said = await forEach(names, (name) => this.#apply(name, phase), names.length);
			return said.filter((each) => each !== undefined);
		} finally {
			await writeRotation(this.#reached.dir, this.#state);
		}
	}

	async #apply(name: string, phase: Phase): Promise<string | undefined> {
		const { signal, watch } = this.#options;
		const input = JSON.stringify(this.#secretsFor(name, phase));
		const timeout = ANSWER * 1000 * this.#reached.slow;
		const options = { as: "root", input, timeout, signal, doing: `${phase} on ${name}` };
		try {
			const argv = ["clusteros-agent", "apply-secrets", "--phase", phase];
			const { stdout } = await this.#reached.link(name).run(argv, options);
			this.#state.nodes[name] = phase;
			watch?.done(phase, name, stdout.trim());
			return undefined;
		} catch (error) {
			if (error instanceof Unreachable) this.#leave(name, error.why);
			else if (error instanceof ToolError && error.failure.exitCode === null) this.#leave(name, "it takes too long to answer");
			else if (error instanceof ToolError) return `${name}: ${error.failure.tail.at(-1) ?? error.message}`;
			else throw error;
			return undefined;
		}
	}

	#secretsFor(name: string, phase: Phase) {
		const { described } = this.#reached;
		const node = described.nodes.find((each) => each.name === name)!;
		return secretsForPhase(described, this.#secrets, node, this.#state, phase, this.#answers.get(name)?.status?.generation);
	}

	/** Waits until those that were ready before the rotation are ready again: the next phase relies on this one. */
	async #settle(names: readonly string[]): Promise<void> {
		const { slow } = this.#reached;
		const wasReady = names.filter((name) => this.#since.has(name) && !this.#left.has(name));
		const start = performance.now();
		let now = new Map<string, string>();
		const isSettled = async () => {
			now = await this.#readySince(wasReady);
			const isLate = performance.now() - start > REACTION * 1000 * slow;
			return wasReady.every((name) => now.has(name) && (isLate || now.get(name) !== this.#since.get(name))) || undefined;
		};
		await poll(isSettled, { timeout: SETTLE * 1000 * slow, every: 500 * slow, signal: this.#options.signal });
		const stuck = wasReady.filter((name) => !now.has(name));
		if (stuck.length > 0) throw this.#refused(stuck.map((name) => `${name} is not ready again; see: clusteros status`));
		for (const [name, since] of now) this.#since.set(name, since);
	}

	/** Since when those of these nodes are ready that are. */
	async #readySince(names: readonly string[]): Promise<Map<string, string>> {
		const nodes = this.#reached.nodes.filter(({ name }) => names.includes(name));
		return readySince(await askStatus(this.#reached, nodes, this.#options.signal));
	}

	#in(): string[] {
		return this.#reached.nodes.map(({ name }) => name).filter((name) => !this.#left.has(name));
	}

	#leave(name: string, why: string): void {
		if (hasDone(this.#state, name, "drop")) return;
		this.#left.set(name, why);
		this.#options.watch?.left(name, why);
	}

	#refused(messages: readonly string[]): UserError {
		const fix = `nothing is lost: mend it, then go on: clusteros rotate ${quote(this.#reached.dir)} --resume`;
		const problems = messages.map((message) => ({ message }));
		return new UserError("failed", [...problems.slice(0, -1), { ...problems.at(-1)!, fix }]);
	}

	async end(): Promise<Rotated> {
		const names = this.#reached.nodes.map(({ name }) => name);
		const moved = names.filter((name) => hasDone(this.#state, name, "drop"));
		if (moved.length === names.length) await removeRotation(this.#reached.dir);
		const left = [...this.#left].map(([name, why]) => ({ name, why }));
		return { generation: this.#state.to, moved, left, strangers: this.#strangers(names) };
	}

	#strangers(names: readonly string[]): string[] {
		const members = [...this.#answers.values()].flatMap(({ status }) => status?.members ?? []);
		return [...new Set(members.map(({ name }) => name).filter((name) => !names.includes(name)))].sort();
	}
}
