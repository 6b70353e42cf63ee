import { readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { exitCodeOf, ToolError, UserError } from "../../core/errors.ts";
import { type Archive, findArchive } from "./archive.ts";
import { type Bench, makeBench } from "./bench.ts";
import { lookAtMachine, versions } from "./machine.ts";
import { type BenchOptions, parseOptions } from "./options.ts";
import { type KeptRow, kept, type Result, redacted, writeResult } from "./result.ts";
import type { Row } from "./row.ts";
import { ROWS } from "./rows/rows.ts";
import { makeScratch } from "./scratch.ts";
import { findMkosi } from "./sides/mkosi.ts";
import { makeMmdebstrap } from "./sides/mmdebstrap.ts";
import { BASE, makeOurs } from "./sides/ours.ts";
import { markdown, withTable } from "./table.ts";

/** Measures the budget table: this project, mkosi and mmdebstrap with the same packages from the same mirror, in one run. */

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const node = process.env.CLUSTEROS_BENCH_NODE ?? process.execPath;
const say = (text: string) => void process.stderr.write(`${text}\n`);

const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => interrupt.abort());

try {
	process.exitCode = await bench(
		parseOptions(
			process.argv.slice(2),
			homedir(),
			ROWS.map(({ id }) => id),
		),
	);
} catch (error) {
	explain(error);
	process.exitCode = exitCodeOf(error);
}

async function bench(options: BenchOptions): Promise<number> {
	const archive = await findArchive(root, BASE);
	const dir = resolve(options.dir);
	const secret = [...archive.secret, root, dir, homedir()];
	const result = await measureAll(options, archive, dir, secret);
	const date = result.date;
	await writeResult(join(root, options.write ? `docs/bench/${date}.json` : `out/bench/${date}.json`), result, secret);
	const table = markdown(result);
	if (options.write) {
		const page = join(root, "docs/performance.md");
		await writeFile(page, withTable(await readFile(page, "utf8"), table));
	}
	process.stdout.write(`${table}\n`);
	return result.rows.some((row) => "failed" in row) ? 1 : 0;
}

async function measureAll(options: BenchOptions, archive: Archive, dir: string, secret: readonly string[]): Promise<Result> {
	const { signal } = interrupt;
	const found = await findMkosi(archive, dir, signal, say);
	const mkosi = typeof found === "string" ? undefined : found;
	await using scratch = await makeScratch(dir);
	const rows: KeptRow[] = [];
	const spec = {
		options,
		root,
		scratch: scratch.path,
		ours: makeOurs(node, root, signal),
		mkosi,
		withoutMkosi: mkosi ? "" : String(found),
		mmdebstrap: makeMmdebstrap(archive, signal),
		say,
	};
	const coldSeconds = () =>
		rows.map((row) => (row.id === "cold" && "medians" in row ? row.medians.ClusterOS : undefined)).find(Boolean);
	const shared = makeBench(spec, coldSeconds);
	for (const row of chosen(options)) rows.push(await runRow(row, shared, secret));
	return {
		version: 1,
		date: new Date().toISOString().slice(0, 10),
		quick: options.quick,
		repeat: options.repeat,
		machine: lookAtMachine(),
		versions: await versions(root, node, mkosi?.version),
		rows,
	};
}

function chosen({ only, quick }: BenchOptions): Row[] {
	return ROWS.filter((row) => (only ? only.includes(row.id) : row.inQuick || !quick));
}

/** A row that fails does not take the others with it. */
async function runRow(row: Row, shared: Bench, secret: readonly string[]): Promise<KeptRow> {
	try {
		return kept(row.id, row.title, await row.run(shared));
	} catch (error) {
		if (interrupt.signal.aborted) throw error;
		explain(error);
		return { id: row.id, title: row.title, failed: redacted((error as Error).message, secret) };
	}
}

function explain(error: unknown): void {
	if (error instanceof UserError) for (const { message, fix } of error.problems) say(`bench: ${message}${fix ? `\n${fix}` : ""}`);
	else say(`bench: ${(error as Error).message}`);
	if (error instanceof ToolError) for (const line of error.failure.tail) say(`  ${line}`);
}
