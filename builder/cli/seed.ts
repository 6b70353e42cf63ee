import { join } from "node:path";
import { seedGeneration } from "../../cluster/describe/generation.ts";
import { readCluster, readSecrets } from "../../cluster/describe/read.ts";
import type { SeedFor } from "../../cluster/describe/seed.ts";
import type { Described } from "../../cluster/describe/types.ts";
import { Interrupted, UserError } from "../../core/errors.ts";
import { compressHostlist, selectNodes } from "../../core/node/hostlist.ts";
import type { CommandContext } from "./context.ts";
import { seedFilesFor } from "./seed-files.ts";
import { outputOf, type SeedOutput, writeSeed } from "./seed-output.ts";

export interface SeedCommandOptions {
	/** A name or hostlist. */
	readonly node?: string;
	readonly workers?: true;
	readonly all?: true;
	readonly out?: string;
	readonly into?: string;
	readonly meet: readonly string[];
	readonly slow?: number;
	readonly json: boolean;
}

/** One seed that is to be made, and where. */
interface Wanted {
	readonly who: SeedFor;
	readonly output: SeedOutput;
}

/** Makes the seeds and says where they are. All are rendered before the first is written. */
export async function runSeed(dir: string, options: SeedCommandOptions, { signal }: CommandContext): Promise<void> {
	const described = await readCluster(dir);
	const secrets = await readSecrets(dir);
	const wanted = wantedSeeds(described, options);
	const generation = await seedGeneration(described, secrets);
	const { slow } = options;
	const meet = options.meet.length > 0 ? options.meet : undefined;
	const rendered = wanted.map(({ who, output }) => ({
		output,
		files: seedFilesFor(described, secrets, who, { generation, meet, slow }),
	}));
	for (const { output, files } of rendered) {
		if (signal.aborted) throw new Interrupted();
		await writeSeed(output, files);
	}
	const seeds = wanted.map(({ who, output }) => ({ for: wordFor(who), ...output }));
	if (options.json) process.stdout.write(`${JSON.stringify({ version: 1, generation, seeds }, null, "\t")}\n`);
	else
		for (const { for: name, path } of seeds)
			process.stdout.write(`${path}   seed of ${described.cluster.name}/${name}, generation ${generation}; it holds keys\n`);
}

function wantedSeeds(described: Described, options: SeedCommandOptions): Wanted[] {
	const { out, into } = options;
	if (out === undefined && into === undefined) {
		throw new UserError("usage", { message: "where to? --out or --into is missing", fix: "such as --out n1.iso" });
	}
	const where = (name: string | undefined) =>
		into === undefined ? outputOf(out!, name) : ({ kind: "image", path: into } as const);
	if (options.workers) return [{ who: "workers", output: where(undefined) }];
	if (options.all) return [{ who: "all", output: where(undefined) }];
	const names = described.nodes.map(({ name }) => name);
	if (options.node === undefined) {
		const fix = `--node NAME (${compressHostlist(names)}), --workers, or --all`;
		throw new UserError("usage", { message: "whose seed?", fix });
	}
	const chosen = selectNodes(options.node, names);
	if (chosen.length === 1) return [{ who: { node: chosen[0]! }, output: where(chosen[0]!) }];
	if (into !== undefined)
		throw new UserError("usage", { message: "an image takes the seed of one node", fix: "one call for each node" });
	return chosen.map((node) => ({ who: { node }, output: eachOf(out!, node) }));
}

/** One of several: `%n` says how they differ; a folder gets one below it for each. */
function eachOf(out: string, node: string): SeedOutput {
	const output = outputOf(out, node);
	if (out.includes("%n")) return output;
	if (output.kind === "folder") return { kind: "folder", path: join(output.path, node) };
	throw new UserError("usage", {
		message: `${out} cannot hold the seeds of several nodes`,
		fix: "a folder, or a name such as '%n.iso'",
	});
}

function wordFor(who: SeedFor): string {
	return typeof who === "object" ? who.node : who;
}
