import { parseArgs } from "node:util";
import { UserError } from "../../core/errors.ts";

export interface BenchOptions {
	/** Samples a side. */
	readonly repeat: number;
	/** Ids of rows; all of the run's kind when undefined. */
	readonly only: readonly string[] | undefined;
	readonly quick: boolean;
	/** Also into docs/bench and docs/performance.md; otherwise into out/bench only. */
	readonly write: boolean;
	/** Keeps the tree with mkosi and, during a run, all that is made. */
	readonly dir: string;
}

export const USAGE = `npm run bench -- [--repeat N] [--only ROW,...] [--quick] [--write] [--dir DIR]
  --repeat N     samples of every side, 3 by default; the medians count
  --only ROWS    some rows of the table; an unknown name lists them
  --quick        one sample, without the rows that need builds of their own: a first look
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
				write: { type: "boolean", default: false },
				dir: { type: "string" },
			},
		});
		const only = values.only?.split(",").map((row) => row.trim());
		const unknown = only?.filter((row) => !rows.includes(row)) ?? [];
		if (unknown.length > 0) throw new Error(`no row ${unknown.join(", ")}; there are: ${rows.join(", ")}`);
		const repeat = Number(values.repeat ?? (values.quick ? 1 : 3));
		if (!Number.isInteger(repeat) || repeat < 1) throw new Error("--repeat wants a whole number from 1 on");
		return { repeat, only, quick: values.quick, write: values.write, dir: values.dir ?? `${home}/.cache/clusteros-bench` };
	} catch (error) {
		throw new UserError("usage", { message: (error as Error).message, fix: USAGE });
	}
}
