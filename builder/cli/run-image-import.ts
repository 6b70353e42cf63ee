import { readImageFile } from "../../cluster/operate/image-file.ts";
import { type Imported, type ImportWatcher, importImages } from "../../cluster/operate/image-import.ts";
import { openReach } from "../../cluster/reach/open.ts";
import { bytes } from "../ui/format.ts";
import { makeReporter } from "../ui/make-reporter.ts";
import { makePaint } from "../ui/paint.ts";
import type { Reporter, StepReport } from "../ui/reporter.ts";
import type { CommandContext } from "./context.ts";
import { printJson, tellProblem } from "./node-output.ts";

/** As typed. */
export interface ImageImportOptions {
	readonly nodes: string;
	readonly json: boolean;
}

/** Imports, a step a node; exit code 1 when it failed for one. */
export async function runImageImport(
	dir: string,
	path: string,
	options: ImageImportOptions,
	{ signal }: CommandContext,
): Promise<void> {
	const reached = await openReach(dir);
	const nodes = reached.select(options.nodes);
	const file = await readImageFile(path);
	const reporter = makeReporter({ json: options.json });
	let results: readonly Imported[];
	try {
		results = await importImages(reached, nodes, file, { watcher: watcher(reporter, file.size), signal });
	} finally {
		reporter.close();
		await reached.close();
	}
	const failed = results.filter(({ problem }) => problem !== undefined);
	if (failed.length > 0) process.exitCode = 1;
	if (options.json) return printJson({ images: file.images, nodes: results });
	const paint = makePaint(process.stderr, process.env);
	for (const { name, problem, fix } of failed) tellProblem(paint, `${name}: ${problem}`, fix);
	const count = results.length - failed.length;
	process.stdout.write(`${file.images.join(", ")}   on ${count} of ${results.length} node${results.length === 1 ? "" : "s"}\n`);
}

const DONE = { imported: "imported", kept: "kept for k3s' start" } as const;

function watcher(reporter: Reporter, size: number): ImportWatcher {
	const steps = new Map<string, StepReport>();
	return {
		started: (node) => steps.set(node, reporter.step(node)),
		sent: (node, sent) => steps.get(node)?.progress({ fraction: sent / size, text: `${bytes(sent)} of ${bytes(size)}` }),
		importing: (node) => steps.get(node)?.progress({ text: "importing" }),
		ended: ({ name, outcome, problem }) => {
			const step = steps.get(name);
			if (outcome) step?.done(DONE[outcome]);
			else step?.failed(problem ?? "");
		},
	};
}
