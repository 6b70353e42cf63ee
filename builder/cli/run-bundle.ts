import { resolve } from "node:path";
import { readSecrets } from "../../cluster/describe/read.ts";
import { makeBundle } from "../../cluster/operate/bundle.ts";
import { redactor } from "../../cluster/operate/redact.ts";
import { openReach } from "../../cluster/reach/open.ts";
import type { CommandContext } from "./context.ts";
import { printJson } from "./node-output.ts";

/** As typed. */
export interface BundleOptions {
	readonly out?: string;
	readonly json: boolean;
}

/** Makes the archive and says what is in it; that nodes are dead is no failure, it is what bundles are for. */
export async function runBundle(dir: string, options: BundleOptions, { signal }: CommandContext): Promise<void> {
	const reached = await openReach(dir);
	const out = resolve(options.out ?? `${reached.cluster.name}-bundle.tar.gz`);
	const redact = redactor(await readSecrets(dir), reached.cluster.id);
	const nodes = await makeBundle(reached, { out, redact, now: new Date(), signal });
	if (options.json) return printJson({ file: out, nodes });
	for (const { name, problem } of nodes)
		if (problem !== undefined) process.stderr.write(`${name}: only what is here: ${problem}\n`);
	const whole = nodes.filter(({ problem }) => problem === undefined).length;
	process.stdout.write(`${out}   ${whole} of ${nodes.length} nodes answered\n`);
}
