import { poll } from "../../core/deadline.ts";

/** Runs a command on a node, as `user` where one is named, and returns what it prints. @throws when it fails. */
export type Ask = (node: string, argv: readonly string[], user?: string) => Promise<string>;

/** A job that goes on for as long as its owner wants: for seeing what becomes of it while the cluster is worked on. */
export interface LongJob {
	readonly id: string;
	/** As SLURM has it: RUNNING, COMPLETED. */
	state(): Promise<string>;
	/** Lets it go on to its end; returns how it ended, and what it printed. */
	end(): Promise<{ readonly record: string; readonly printed: string[] }>;
}

const USER = "user";

/** A step before, a step that is under way all the time on all nodes, and one that begins afterwards, in the same job. */
const SCRIPT = `srun sh -c 'echo before $SLURMD_NODENAME'
srun sh -c 'until [ -e /tmp/go-$SLURM_JOB_ID ]; do sleep 1; done; echo meanwhile $SLURMD_NODENAME'
srun sh -c 'echo after $SLURMD_NODENAME'`;

/** Starts such a job on these nodes, of which the first keeps its output; returns once its long step runs on all of them. */
export async function startLongJob(ask: Ask, controller: string, nodes: readonly string[], timeout: number): Promise<LongJob> {
	const where = [`--nodelist=${nodes.join(",")}`, `--nodes=${nodes.length}`, "--ntasks-per-node=1"];
	const sbatch = ["sbatch", "--parsable", ...where, "--output=/tmp/long-%j.out", `--wrap=${SCRIPT}`];
	const id = (await ask(controller, sbatch, USER)).trim();
	const printed = async () =>
		(await ask(nodes[0]!, ["sh", "-c", `cat /tmp/long-${id}.out 2>/dev/null || :`], USER)).trim().split("\n");
	const state = async () => (await ask(controller, ["squeue", "--noheader", "--format=%T", `--jobs=${id}`])).trim();
	const record = () => ask(controller, ["scontrol", "--oneliner", "show", "job", id]);
	const isUnderWay = async () =>
		(await ask(controller, ["squeue", "--noheader", "--steps", "--format=%i", `--jobs=${id}`])).includes(`${id}.1`);
	if (!(await poll(async () => (await isUnderWay()) || undefined, { timeout, every: 1000 }))) {
		throw new Error(`job ${id} does not run: ${await record()}\n${(await printed()).join("\n")}`);
	}
	const end = async () => {
		await Promise.all(nodes.map((node) => ask(node, ["touch", `/tmp/go-${id}`], USER)));
		const ended = async () => /JobState=(?!RUNNING|COMPLETING|PENDING)/.test(await record()) || undefined;
		await poll(ended, { timeout, every: 1000 });
		return { record: await record(), printed: await printed() };
	};
	return { id, state, end };
}

/** What such a job has printed in the end, when no step of it was lost. */
export function wholeOutput(nodes: readonly string[]): string[] {
	return ["after", "before", "meanwhile"].flatMap((word) => nodes.map((node) => `${word} ${node}`)).toSorted();
}
