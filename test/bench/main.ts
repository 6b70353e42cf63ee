import { readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { exitCodeOf, ToolError, UserError } from "../../core/errors.ts";
import { type Archive, findArchive } from "./archive.ts";
import { type Bench, makeBench } from "./bench.ts";
import { whyNoCluster } from "./cluster.ts";
import { lookAtMachine, versions } from "./machine.ts";
import { type BenchOptions, parseOptions } from "./options.ts";
import { fileName, type KeptRow, kept, type Result, redacted, writeResult } from "./result.ts";
import type { Part, Row } from "./row.ts";
import { ROWS } from "./rows/rows.ts";
import { makeScratch } from "./scratch.ts";
import { findMkosi } from "./sides/mkosi.ts";
import { makeMmdebstrap } from "./sides/mmdebstrap.ts";
import { BASE, makeOurs } from "./sides/ours.ts";
import { markdown, withTable } from "./table.ts";

/**
 * Measures the budget table: builds of this project, mkosi and mmdebstrap with the same packages from the same mirror, and a
 * cluster against bare machines, in one run.
 */

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
	const dir = resolve(options.dir);
	const archive = await findArchive(root, BASE);
	const secret = [...archive.secret, root, dir, homedir(), ...(options.image ? [resolve(options.image)] : [])];
	const results = await measureAll(options, archive, dir, secret);
	for (const result of results) {
		const table = markdown(result);
		await writeResult(join(root, options.write ? "docs/bench" : "out/bench", fileName(result)), result, secret);
		if (options.write) {
			const page = join(root, "docs/performance.md");
			await writeFile(page, withTable(await readFile(page, "utf8"), result.part, table));
		}
		process.stdout.write(`${table}\n\n`);
	}
	return results.flatMap(({ rows }) => rows).some((row) => "failed" in row) ? 1 : 0;
}

async function measureAll(options: BenchOptions, archive: Archive, dir: string, secret: readonly string[]): Promise<Result[]> {
	const { signal } = interrupt;
	const rows = chosen(options);
	const needsPeers = rows.some(({ part }) => part === "builds");
	const found = needsPeers ? await findMkosi(archive, dir, signal, say) : "only clusters are measured";
	const mkosi = typeof found === "string" ? undefined : found;
	await using scratch = await makeScratch(dir);
	const done: KeptRow[] = [];
	const spec = {
		options,
		root,
		scratch: scratch.path,
		wanted: new Set(rows.map(({ id }) => id)),
		node,
		signal,
		ours: makeOurs(node, root, signal),
		mkosi,
		withoutMkosi: mkosi ? "" : String(found),
		mmdebstrap: makeMmdebstrap(archive, signal),
		say,
	};
	const coldSeconds = () =>
		done.map((row) => (row.id === "cold" && "medians" in row ? row.medians.ClusterOS : undefined)).find(Boolean);
	const shared = makeBench(spec, coldSeconds);
	for (const row of rows) done.push(await runRow(row, shared, secret));
	const parts = [...new Set(rows.map(({ part }) => part))];
	return Promise.all(parts.map((part) => resultOf(part, options, done, mkosi?.version)));
}

async function resultOf(part: Part, options: BenchOptions, done: readonly KeptRow[], mkosi?: string): Promise<Result> {
	const ids = ROWS.filter((row) => row.part === part).map(({ id }) => id);
	return {
		version: 1,
		part,
		date: new Date().toISOString().slice(0, 10),
		quick: options.quick,
		repeat: options.repeat,
		machine: lookAtMachine(),
		versions: { ...(await versions(part, root, node)), ...(part === "builds" ? { mkosi: mkosi ?? "none" } : {}) },
		rows: done.filter(({ id }) => ids.includes(id)),
	};
}

function chosen({ only, quick, cluster }: BenchOptions): Row[] {
	if (only) return ROWS.filter(({ id }) => only.includes(id));
	return ROWS.filter(({ part, inQuick }) => (cluster ? part === "cluster" : inQuick || !quick));
}

/** A row that fails does not take the others with it. */
async function runRow(row: Row, shared: Bench, secret: readonly string[]): Promise<KeptRow> {
	const lacking = row.part === "cluster" ? await whyNoCluster() : undefined;
	if (lacking) return { id: row.id, title: row.title, skipped: redacted(lacking, secret) };
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
