import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { pack } from "tar-stream";
import { ToolError } from "../../core/errors.ts";
import { forEach } from "../reach/each.ts";
import type { Reached, ReachedNode } from "../reach/types.ts";
import { Unreachable } from "../reach/unreachable.ts";
import { answersOf, QUESTIONS, questionsScript } from "./bundle-questions.ts";
import type { Redact } from "./redact.ts";

/** What came of one node. */
export interface Bundled {
	readonly name: string;
	/** Why the node itself was not asked, or not to the end. */
	readonly problem?: string | undefined;
}

interface File {
	readonly name: string;
	readonly text: string;
}

export interface BundleOptions {
	readonly out: string;
	readonly redact: Redact;
	readonly now: Date;
	readonly signal?: AbortSignal | undefined;
}

/** Seconds on metal for all questions of one node. */
const PATIENCE = 60;
/** Bytes that are kept of a log on this machine. */
const MOST = 4_000_000;
/** Nodes at once: answers of megabytes are held in memory. */
const AT_ONCE = 8;

/**
 * Collects what tells how the cluster is into one archive, without its secrets; nodes that do not answer are in it with the
 * reason and what their console printed. Returns what came of each node. @throws Interrupted; then there is no archive.
 */
export async function makeBundle(reached: Reached, options: BundleOptions): Promise<Bundled[]> {
	const { redact, now, signal } = options;
	const root = `${reached.cluster.name}-${now.toISOString().slice(0, 19).replaceAll(/[:T]/g, "-")}`;
	const parts = await forEach(reached.nodes, (node) => nodePart(reached, node, signal), AT_ONCE);
	const nodes = parts.map(({ name, problem }) => ({ name, ...(problem === undefined ? {} : { problem }) }));
	const about = { version: 1, cluster: reached.cluster.name, id: reached.cluster.id, made: now.toISOString(), nodes };
	const files = [
		{ name: "bundle.json", text: JSON.stringify(about, null, "\t") },
		{ name: "cluster.toml", text: await tailOf(join(reached.dir, "cluster.toml")) },
		{ name: "state.json", text: await tailOf(join(reached.dir, ".clusteros/state.json")) },
		...parts.flatMap((part) => part.files),
	];
	const kept = files.filter(({ text }) => text !== "").map(({ name, text }) => ({ name: `${root}/${name}`, text: redact(text) }));
	await writeArchive(options.out, kept, now);
	return nodes;
}

async function nodePart(reached: Reached, node: ReachedNode, signal: AbortSignal | undefined) {
	const { name, machine } = node;
	const here = machine ? ["serial.log", "qemu.log"] : [];
	const local = await Promise.all(here.map(async (file) => ({ name: file, text: await tailOf(join(machine!.dir, file)) })));
	const { answers, problem } = await askNode(reached, node, signal);
	const asked = [...answers].map(([file, text]) => ({ name: file, text }));
	const why = problem === undefined ? [] : [{ name: "NOT-REACHED.txt", text: `${problem}\n` }];
	const files: File[] = [...why, ...asked, ...local].map((file) => ({ name: `${name}/${file.name}`, text: file.text }));
	return { name, problem, files };
}

/** A node that dies in the middle leaves what it had said until then. */
async function askNode(reached: Reached, { name }: ReachedNode, signal: AbortSignal | undefined) {
	const mark = `clusteros-${randomBytes(8).toString("hex")}`;
	const heard: string[] = [];
	const onLine = (line: string, from: "stdout" | "stderr") => from === "stdout" && heard.push(line);
	const timeout = PATIENCE * 1000 * reached.slow;
	try {
		const script = questionsScript(QUESTIONS, mark);
		await reached.link(name).run(["sh", "-c", script], { as: "root", timeout, signal, onLine, doing: `asking ${name}` });
		return { answers: answersOf(heard.join("\n"), mark), problem: undefined };
	} catch (error) {
		if (!(error instanceof Unreachable) && !(error instanceof ToolError)) throw error;
		const problem = error instanceof ToolError ? `${error.message}\n${error.failure.tail.join("\n")}`.trim() : error.message;
		return { answers: answersOf(heard.join("\n"), mark), problem };
	}
}

/** The end of a file here; empty when there is none. */
async function tailOf(path: string): Promise<string> {
	const file = await open(path).catch((error: NodeJS.ErrnoException) => {
		if (error.code === "ENOENT") return undefined;
		throw error;
	});
	if (!file) return "";
	try {
		const { size } = await file.stat();
		const start = Math.max(0, size - MOST);
		const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), { position: start });
		return buffer.toString("utf8", 0, bytesRead);
	} finally {
		await file.close();
	}
}

/** Written beside its place first: an archive that is there is whole. For its owner alone all the same. */
async function writeArchive(out: string, files: readonly File[], now: Date): Promise<void> {
	const partial = `${out}.${process.pid}`;
	const archive = pack();
	for (const { name, text } of files) archive.entry({ name, mode: 0o600, mtime: now }, text);
	archive.finalize();
	try {
		await pipeline(archive, createGzip(), createWriteStream(partial, { mode: 0o600 }));
		await rename(partial, out);
	} finally {
		await rm(partial, { force: true });
	}
}
