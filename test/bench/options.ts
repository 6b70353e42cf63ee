import { parseArgs } from "node:util";
import { UserError } from "../../core/errors.ts";

export interface BenchOptions {
	/** Samples a side. */
	readonly repeat: number;
	/** Ids of rows; all of the run's kind when undefined. */
	readonly only: readonly string[] | undefined;
	readonly quick: boolean;
	/** The rows of a running cluster, and no others. */
	readonly cluster: boolean;
	/** Nodes of that cluster, and bare machines beside it. */
	readonly nodes: number;
	/** The image that the cluster runs; one is built when undefined. */
	readonly image: string | undefined;
	/** Also into docs/bench and docs/performance.md; otherwise into out/bench only. */
	readonly write: boolean;
	/** Keeps the tree with mkosi and, during a run, all that is made. */
	readonly dir: string;
}

export const USAGE = `npm run bench -- [--repeat N] [--only ROW,...] [--quick] [--cluster [--nodes N] [--image FILE]] [--write] [--dir DIR]
  --repeat N     samples of every side, 3 by default; the medians count
  --only ROWS    some rows of the table; an unknown name lists them
  --quick        one sample, without the rows that need builds of their own: a first look
  --cluster      only what a running cluster costs; without it these rows come last, where QEMU is installed
  --nodes N      how many nodes that cluster has, 5 by default
  --image FILE   the image it runs (default: one that is built first)
  --write        keep the result in docs/bench and put the table into docs/performance.md
  --dir DIR      where the bench works (10 GB; default: ~/.cache/clusteros-bench)
MKOSI=PATH takes that mkosi instead of the one in a Debian 13 tree of our own (which needs root).`;

/** @throws UserError of kind usage, with the usage. */
export function parseOptions(argv: readonly string[], home: string, rows: readonly string[]): BenchOptions {
	try {
		const { values } = parseArgs({
			args: [...argv],
			options: {
				repeat: { type: "string" },
				only: { type: "string" },
				quick: { type: "boolean", default: false },
				cluster: { type: "boolean", default: false },
				nodes: { type: "string", default: "5" },
				image: { type: "string" },
				write: { type: "boolean", default: false },
				dir: { type: "string" },
			},
		});
		const only = values.only?.split(",").map((row) => row.trim());
		const unknown = only?.filter((row) => !rows.includes(row)) ?? [];
		if (unknown.length > 0) throw new Error(`no row ${unknown.join(", ")}; there are: ${rows.join(", ")}`);
		const { quick, cluster, image, write, dir = `${home}/.cache/clusteros-bench` } = values;
		const repeat = whole("--repeat", values.repeat ?? (quick ? "1" : "3"));
		return { repeat, only, quick, cluster, nodes: whole("--nodes", values.nodes), image, write, dir };
	} catch (error) {
		throw new UserError("usage", { message: (error as Error).message, fix: USAGE });
	}
}

function whole(option: string, text: string): number {
	const number = Number(text);
	if (Number.isInteger(number) && number >= 1) return number;
	throw new Error(`${option} wants a whole number from 1 on`);
}
