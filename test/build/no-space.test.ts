import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ended, ROOT, startProgram } from "./support/cli.ts";
import { names, privateCache, type Room, room } from "./support/room.ts";
import { type Built, buildArgs, built, FIXTURES, filesOf, SHARED_CACHE } from "./support/shared.ts";

/** Disks that are too small, seen before the work and met in the middle of it: real ones, mounted where nobody else sees them. */

const NAMESPACE = ["unshare", ...(process.getuid!() === 0 ? [] : ["--user", "--map-root-user", "--map-auto"]), "--mount"];
const { stderr: refusal, code: allowed } = await startProgram([...NAMESPACE, "mount", "-t", "tmpfs", "none", "/mnt"]).ended();
if (allowed !== 0) console.log(`no-space: skipped: no small disk can be mounted here: ${refusal}`);

let at: Room;
let whole: Built;

beforeAll(async () => {
	at = await room();
	whole = await built(SHARED_CACHE, at.path("whole"), ["--profile", "testtop"]);
});

afterAll(() => at?.[Symbol.asyncDispose]());

interface Small {
	readonly size: string;
	/** A basic regular expression for the log, the bytes that are left once it is met, and whether to build again with space. */
	readonly full?: { readonly when: string; readonly left: number; readonly again: boolean };
	readonly cache: string;
	readonly out: string;
	/** Which of the two is small. */
	readonly folder: string;
}

interface Outcome extends Ended {
	/** Exit code of the first build, and of the second one, which has space. */
	readonly codes: readonly number[];
	told(what: "first" | "second", part: "tmp" | "entries" | "out"): string[];
}

async function onSmallDisk({ size, full, cache, out, folder }: Small): Promise<Outcome> {
	await mkdir(folder, { recursive: true });
	const build = [process.execPath, join(ROOT, "bin/clusteros.mjs"), ...buildArgs(cache, out, "--profile", "testtop")];
	const script = [
		join(FIXTURES, "small-disk.sh"),
		folder,
		size,
		full?.when ?? "",
		String(full?.left ?? 0),
		full?.again ? "again" : "",
		...build,
	];
	const ended = await startProgram([...NAMESPACE, ...script]).ended();
	expect(ended.code, ended.stderr).toBe(0);
	const lines = ended.stdout.split("\n").map((line) => line.split(" "));
	return {
		...ended,
		codes: lines
			.filter(([, what, code]) => /^(first|second)$/.test(what ?? "") && /^\d+$/.test(code ?? ""))
			.map(([, , code]) => Number(code)),
		told: (what, part) => lines.filter((words) => words[1] === what && words[2] === part).map((words) => words[3]!),
	};
}

async function cacheWith(name: string, ...ids: string[]): Promise<string> {
	return privateCache(
		at.path(name),
		whole.manifest.steps.filter(({ id }) => ids.includes(id)).map(({ key }) => key),
	);
}

describe.skipIf(allowed !== 0)("checked before", () => {
	it("the cache's disk: nothing is made, exit code 1", async () => {
		// As a newcomer's: nothing is there yet.
		const cache = at.path("before");
		const { codes, told, stderr } = await onSmallDisk({ size: "400m", cache, out: at.path("out"), folder: cache });
		expect(stderr).toMatch(new RegExp(`^error: not enough space for ${cache}: about [\\d.]+ [MG]B needed, \\d+ MB free$`, "m"));
		expect(stderr).toMatch(/--cache-dir/);
		expect(stderr).not.toMatch(/testbase packages/);
		expect({ codes, tmp: told("first", "tmp"), entries: told("first", "entries") }).toEqual({ codes: [1], tmp: [], entries: [] });
	});

	it("OUT's disk: nothing is made, exit code 1", async () => {
		const cache = await cacheWith("before-out", "packages:testbase", "packages:testtop");
		const folder = at.path("small-out");
		const { codes, told, stderr } = await onSmallDisk({ size: "30m", cache, out: folder, folder });
		expect(stderr).toMatch(new RegExp(`^error: not enough space for ${folder}: about \\d+ MB needed, \\d+ MB free$`, "m"));
		expect({ codes, out: told("first", "out") }).toEqual({ codes: [1], out: [] });
		expect((await names(join(cache, "entries"))).length).toBe(2);
	});
});

const LAYERS = ["packages:testbase", "packages:testtop"] as const;

describe.skipIf(allowed !== 0)("met in the middle", () => {
	const FULL = /^error: no space left on the disk of (\S+) \(mounted on \1\): .* free$/m;

	it.each([
		// A base layer takes long to make: that the next build goes on is shown by the others.
		["while packages are unpacked", "Unpacking libc6", 5_000_000, false, []],
		["while programs are placed", "programs \\.\\.\\.", 60_000_000, true, LAYERS],
		["while files are placed", "files \\.\\.\\.", 2_000_000, true, [...LAYERS, "programs"]],
		["while the disk is written", "disk \\.\\.\\.", 100_000_000, true, [...LAYERS, "programs", "files"]],
		["while the image is compressed", "qcow2 \\.\\.\\.", 20_000_000, true, [...LAYERS, "programs", "files"]],
	] as const)("%s: says which disk, leaves nothing half-made, and goes on once there is space", async (...row) => {
		const [what, when, left, again, there] = row;
		const name = what.replaceAll(" ", "-");
		const cache = await cacheWith(name, ...there);
		const out = at.path("out", name);
		const { codes, told, stderr } = await onSmallDisk({ size: "4g", full: { when, left, again }, cache, out, folder: cache });
		expect(stderr).toMatch(FULL);
		expect(FULL.exec(stderr)![1]).toBe(cache);
		expect(stderr).toMatch(/^ {2}.*--cache-dir/m);
		expect({ code: codes[0], tmp: told("first", "tmp"), entries: told("first", "entries").length }).toEqual({
			code: 1,
			tmp: [],
			entries: there.length,
		});
		if (!again) return expect(await names(out)).toEqual([]);
		expect({ code: codes[1], tmp: told("second", "tmp"), entries: told("second", "entries").length }).toEqual({
			code: 0,
			tmp: [],
			entries: 5,
		});
		expect((await names(out)).toSorted()).toEqual(filesOf("testtop", "qcow2"));
	});

	it("in OUT: what was there stays, nothing half-written is left", async () => {
		const cache = await cacheWith("out-full", "packages:testbase", "packages:testtop", "programs", "files", "qcow2");
		const folder = at.path("full-out");
		await at.write({ "full-out/testtop-debian-13-amd64.qcow2": "the last one that worked" });
		const { codes, told, stderr } = await onSmallDisk({ size: "30m", cache, out: folder, folder });
		expect(stderr).toMatch(new RegExp(`^error: .*${folder}.*`, "m"));
		expect(stderr).toMatch(/No space left on device/);
		expect(stderr).toMatch(/take another folder with --out DIR/);
		expect({ codes, out: told("first", "out") }).toEqual({ codes: [1], out: ["testtop-debian-13-amd64.qcow2"] });
	});
});
