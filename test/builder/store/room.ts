import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { keyOf, openStore, type Store } from "../../../builder/store/store.ts";
import type { Wanted } from "../../../builder/store/types.ts";
import type { StepRecord } from "../../../core/contract/plan.ts";
import { plainTrees } from "./plain-trees.ts";

/** A cache folder of one test, and what the store said in it. */
export interface Room extends AsyncDisposable {
	readonly dir: string;
	readonly cache: string;
	readonly warnings: string[];
	open(signal?: AbortSignal): Promise<Store>;
	names(folder: string): Promise<string[]>;
}

export async function room(): Promise<Room> {
	const dir = await mkdtemp(join(tmpdir(), "clusteros-store-"));
	const cache = join(dir, "cache");
	const warnings: string[] = [];
	return {
		dir,
		cache,
		warnings,
		open: (signal) => openStore(cache, plainTrees, { warn: (text) => warnings.push(text), signal }),
		names: (folder) => readdir(join(cache, folder)),
		[Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
	};
}

/** Something to make of plain files; `built` counts how often it was. */
export function files(record: StepRecord, content: Record<string, string>, slot = "thing"): Wanted & { built: number } {
	const wanted: Wanted & { built: number } = {
		key: keyOf(record),
		slot,
		record,
		content: "files",
		built: 0,
		async build(dir: string) {
			wanted.built++;
			for (const [path, text] of Object.entries(content)) {
				await mkdir(dirname(join(dir, path)), { recursive: true });
				await writeFile(join(dir, path), text);
			}
			return { files: Object.keys(content).length };
		},
	};
	return wanted;
}

/** The same as a tree. */
export function tree(record: StepRecord, content: Record<string, string>, slot = "layer"): Wanted & { built: number } {
	const inner = Object.fromEntries(Object.entries(content).map(([path, text]) => [`tree/${path}`, text]));
	return Object.assign(files(record, inner, slot), { content: "tree" as const });
}

/** Bundles a script of `fixtures/` into `dir`, so that a process of its own can run it on any Node. */
export async function bundle(name: string, dir: string): Promise<string> {
	const outfile = join(dir, `${name}.mjs`);
	await build({
		entryPoints: [fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url))],
		outfile,
		bundle: true,
		platform: "node",
		format: "esm",
		target: "node18",
		external: ["execa"],
		banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
	});
	return outfile;
}

/** A script that runs until it ends by itself or is killed. */
export interface Script {
	readonly pid: number;
	/** Resolves when a line with this text was printed. */
	saw(text: string): Promise<void>;
	/** Exit code (or signal) and all that was printed. */
	ended(): Promise<{ code: number | string; output: string }>;
	kill(signal: NodeJS.Signals): void;
}

export function start(argv: readonly string[]): Script {
	const child = spawn(argv[0]!, argv.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
	let output = "";
	for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
	const closed = once(child, "close") as Promise<[number | null, string | null]>;
	const ended = async () => {
		const [code, signal] = await closed;
		return { code: code ?? signal!, output };
	};
	const saw = async (text: string) => {
		let over = false;
		closed.finally(() => (over = true));
		while (!output.includes(text)) {
			if (over) throw new Error(`ended without printing ${text}: ${output}`);
			await new Promise((resolve) => setTimeout(resolve, 10));
		}
	};
	return { pid: child.pid!, saw, ended, kill: (signal) => void child.kill(signal) };
}
