// Bundles the TypeScript sources into dist/: the command line in lazily loaded chunks, and one file each for
// what runs inside a build namespace, as the switch of a test cluster, and on a node.
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { sourceStamp } from "./fresh.mjs";

/** What CommonJS packages expect to find. */
const REQUIRE = 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);';
const DAY = 86_400_000;

const BUNDLES = [
	{
		entry: "builder/cli/main.ts",
		name: "clusteros",
		options: { splitting: true, chunkNames: "chunk-[name]-[hash]", banner: { js: REQUIRE } },
	},
	{ entry: "builder/inside/main.ts", name: "inside", options: { banner: { js: REQUIRE } } },
	{ entry: "qemu/switch/main.ts", name: "switch", options: {} },
	// These bytes go into every image: minified, with nothing of this machine in them; CommonJS, as no package.json lies beside them there.
	{ entry: "agent/main.ts", name: "agent", options: { minify: true, legalComments: "none", target: "node24", format: "cjs" } },
];

/** Fills `root`/dist. Running commands keep working: chunks have their digest in the name and go only after a day. */
export async function bundle(root) {
	const { build } = await import("esbuild");
	const stamp = sourceStamp(root);
	const present = BUNDLES.filter(({ entry }) => existsSync(join(root, entry)));
	const results = await Promise.all(present.map((one) => build(optionsFor(root, one))));
	const files = results.flatMap((result) => result.outputFiles);
	await mkdir(join(root, "dist"), { recursive: true });
	// Chunks before the entries that import them, the stamp when all is there.
	for (const file of files.filter(isChunk)) await place(file.path, file.contents);
	for (const file of files.filter((one) => !isChunk(one))) await place(file.path, file.contents);
	await place(join(root, "dist/.stamp"), stamp);
	await removeOldChunks(root, new Set(files.map((file) => basename(file.path))));
}

function optionsFor(root, { entry, name, options }) {
	return {
		absWorkingDir: root,
		entryPoints: { [name]: entry },
		outdir: "dist",
		bundle: true,
		write: false,
		format: "esm",
		platform: "node",
		target: "node20",
		charset: "utf8",
		logLevel: "silent",
		...options,
	};
}

function isChunk(file) {
	return basename(file.path).startsWith("chunk-");
}

/** Whole or not at all: another start may be reading. */
async function place(path, contents) {
	const half = join(dirname(path), `.${basename(path)}.${process.pid}`);
	await writeFile(half, contents);
	await rename(half, path);
}

async function removeOldChunks(root, current) {
	const dist = join(root, "dist");
	for (const name of await readdir(dist)) {
		const isOld = name.startsWith("chunk-") && !current.has(name);
		if (isOld && (await stat(join(dist, name))).mtimeMs < Date.now() - DAY) await rm(join(dist, name), { force: true });
	}
}
