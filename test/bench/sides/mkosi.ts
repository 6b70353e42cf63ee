import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { qcow2Args } from "../../../builder/tools/qemu-img.ts";
import { run } from "../../../core/process/run.ts";
import type { Archive } from "../archive.ts";
import { measure, type Sample } from "../measure.ts";
import { removeTree } from "../scratch.ts";
import { writeProject } from "./mkosi-project.ts";
import { EDITED, type Prepared } from "./ours.ts";
import { inTree, toolsTree } from "./tools-tree.ts";

/** The peer: the same packages and files as a disk, compressed by the same qemu-img call. */
export interface Mkosi {
	readonly version: string;
	/** Everything from nothing: no packages, no trees kept. */
	readonly cold: (prepared: Prepared, dir: string) => Promise<Sample>;
	/** The same with mkosi's own initrd and partitions, as mkosi comes. */
	readonly untuned: (prepared: Prepared, dir: string) => Promise<Sample>;
	/** A first build that leaves what incremental ones start from. */
	readonly prepare: (prepared: Prepared, dir: string) => Promise<Sample>;
	/** Builds again after an edit of one file. */
	readonly edit: (dir: string, content: string) => Promise<Sample>;
}

/** How one mkosi is started in the folder of a project. */
type Start = (dir: string, args: readonly string[]) => readonly string[];

type Say = (text: string) => void;

/** A mkosi to compare with, or why there is none. */
export async function findMkosi(archive: Archive, dir: string, signal: AbortSignal, say: Say): Promise<Mkosi | string> {
	const given = process.env.MKOSI;
	if (given) return makeMkosi(archive, (project, args) => [given, `--directory=${project}`, ...args], signal);
	if (process.getuid!() !== 0)
		return "run the bench as root, which makes a Debian 13 tree with mkosi in it, or give one with MKOSI=PATH";
	const tree = await toolsTree(dir, archive, signal, say);
	return makeMkosi(archive, (project, args) => inTree(tree, project, ["mkosi", ...args]), signal);
}

async function makeMkosi(archive: Archive, start: Start, signal: AbortSignal): Promise<Mkosi> {
	const { stdout } = await run(start("/tmp", ["--version"]), { doing: "asking mkosi for its version", signal });
	const version = /\d+(\.\d+)*/.exec(stdout)?.[0] ?? "unknown";
	const build = async (dir: string) => {
		await run(start(dir, ["--force", "build"]), { doing: "building with mkosi", signal });
		await run(qcow2Args(join(dir, "out/bench.raw"), join(dir, "out/bench.qcow2")), { doing: "making mkosi's qcow2", signal });
	};
	const first = async (prepared: Prepared, dir: string, how: { readonly incremental: boolean; readonly tuned: boolean }) => {
		const { packages, leaveOut, extra } = prepared;
		await writeProject(dir, { archive, packages, leaveOut, extra, ...how });
		return (await measure(() => build(dir))).sample;
	};
	const passing = async (prepared: Prepared, dir: string, tuned: boolean) => {
		try {
			return await first(prepared, dir, { incremental: false, tuned });
		} finally {
			await removeTree(dir);
		}
	};
	return {
		version,
		cold: (prepared, dir) => passing(prepared, dir, true),
		untuned: (prepared, dir) => passing(prepared, dir, false),
		prepare: async (prepared, dir) => {
			const sample = await first(prepared, dir, { incremental: true, tuned: true });
			await mustHave(dir, prepared.packages);
			return sample;
		},
		edit: async (dir, content) => {
			await rm(join(dir, "out"), { recursive: true, force: true });
			await writeFile(join(dir, "extra", EDITED), content);
			return (await measure(() => build(dir))).sample;
		},
	};
}

/** A peer that leaves packages out would win for nothing, and one that adds some would lose. */
async function mustHave(dir: string, packages: readonly string[]): Promise<void> {
	const status = await readFile(join(dir, "cache/debian~trixie~x86-64.cache/var/lib/dpkg/status"), "utf8");
	const installed = status.split("\n\n").filter((paragraph) => /^Status: install ok installed$/m.test(paragraph));
	const theirs = new Set(installed.map((paragraph) => /^Package: (.*)$/m.exec(paragraph)![1]!));
	const missing = packages.filter((name) => !theirs.has(name));
	const more = [...theirs].filter((name) => !packages.includes(name));
	if (missing.length + more.length === 0) return;
	throw new Error(`mkosi's packages differ: missing ${missing.join(" ") || "none"}; more ${more.join(" ") || "none"}`);
}
