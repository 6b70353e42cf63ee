import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chooseAcceleration } from "../../builder/cli/up-accel.ts";
import { mustHaveMachinesTools } from "../../builder/cli/up-host.ts";
import { defaultCacheDir } from "../../builder/store/layout.ts";
import { UserError } from "../../core/errors.ts";
import type { Accel } from "../../qemu/machine.ts";
import { measure, processTicks, type Sample, TICKS } from "./measure.ts";
import { type AgentUse, agentUses, type HelloUse, helloUses } from "./sides/agent.ts";
import { bootBare } from "./sides/bare.ts";
import { Lab, type LabSpec } from "./sides/lab.ts";
import { rotated } from "./statistics.ts";

/** Host processors that one quiet machine keeps busy. */
export interface IdleUse {
	readonly node: string;
	readonly cores: number;
}

/** All that is read off one cluster, from its start to its end. */
export interface Round {
	/** From `up` to the end of a job on all nodes. */
	readonly cold: Sample;
	readonly agents: readonly AgentUse[];
	readonly idle: readonly IdleUse[];
	readonly hellos: readonly HelloUse[];
	/** As `cold`, from a snapshot; undefined when nobody wants to know. */
	readonly warm?: Sample | undefined;
}

export interface ClusterRuns {
	readonly accel: Accel;
	readonly rounds: readonly Round[];
	/** The same machines without a cluster, to the login prompt; empty when nobody wants to know. */
	readonly bare: readonly Sample[];
}

export interface ClusterSpec extends Omit<LabSpec, "accel"> {
	readonly repeat: number;
	/** Ids of the rows that are measured. */
	readonly wanted: ReadonlySet<string>;
	readonly saySample: (what: string, sample: Sample) => void;
	readonly say: (text: string) => void;
}

/** Seconds that a cluster is left alone before its idle cost is read, and for how long. */
const SETTLE = 60;
const QUIET = 30;

/** Why no cluster can be measured here; undefined where it can. */
export async function whyNoCluster(): Promise<string | undefined> {
	try {
		await mustHaveMachinesTools();
		return undefined;
	} catch (error) {
		if (!(error instanceof UserError)) throw error;
		return error.problems.map(({ message }) => message).join("; ");
	}
}

/** Clusters and bare machines in turn, never both at once. */
export async function runClusters(spec: ClusterSpec): Promise<ClusterRuns> {
	const { accel, reason } = await chooseAcceleration("auto", defaultCacheDir(process.env));
	spec.say(`machines run under ${accel} (${reason})`);
	const rounds: Round[] = [];
	const bare: Sample[] = [];
	const lab = { ...spec, accel };
	const sides: Record<string, () => Promise<unknown>> = {
		cluster: async () => rounds.push(await runRound(lab)),
		...(spec.wanted.has("up") ? { bare: async () => bare.push(await runBare(lab)) } : {}),
	};
	for (let round = 0; round < spec.repeat; round++) {
		for (const name of rotated(Object.keys(sides), round)) await sides[name]!();
	}
	return { accel, rounds, bare };
}

async function runBare(spec: ClusterSpec & LabSpec): Promise<Sample> {
	const sample = await bootBare({ ...spec, dir: join(spec.dir, "bare") });
	spec.saySample(`${spec.nodes} bare machines to login`, sample);
	return sample;
}

async function runRound(spec: ClusterSpec & LabSpec): Promise<Round> {
	const { wanted, saySample, nodes } = spec;
	await using lab = new Lab({ ...spec, dir: join(spec.dir, "lab") });
	await lab.init();
	const cold = await start(lab, { warm: false });
	saySample(`up to srun -N${nodes}`, cold);
	const reach = await lab.reach();
	try {
		const agents = await agentUses(reach);
		const idle = wanted.has("idle") ? await idleUses(lab) : [];
		const hellos = wanted.has("agent-cpu") ? await helloUses(reach) : [];
		if (!wanted.has("warm")) return { cold, agents, idle, hellos };
		await lab.up({ warm: true });
		await lab.stop();
		const warm = await start(lab, { warm: true });
		saySample(`up --warm to srun -N${nodes}`, warm);
		return { cold, agents, idle, hellos, warm };
	} finally {
		await reach.close();
	}
}

async function start(lab: Lab, options: { readonly warm: boolean }): Promise<Sample> {
	const work = async () => {
		await lab.up(options);
		await lab.srun();
	};
	return (await measure(work, () => lab.processes())).sample;
}

async function idleUses(lab: Lab): Promise<IdleUse[]> {
	await sleep(SETTLE * 1000, undefined, { signal: lab.spec.signal });
	const machines = [...lab.machines()];
	const before = machines.map(([, pid]) => processTicks(pid));
	await sleep(QUIET * 1000, undefined, { signal: lab.spec.signal });
	return machines.map(([node, pid], index) => ({ node, cores: (processTicks(pid) - before[index]!) / TICKS / QUIET }));
}
