import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cli } from "./support/cli.ts";
import { entriesOf, type Incident, suffer } from "./support/incident.ts";
import { leftovers, privateCache, type Room, room } from "./support/room.ts";
import { built, filesOf, SHARED_CACHE } from "./support/shared.ts";

/**
 * One image in one store, ended in the middle of every step. Each build goes on where the last one was ended: what was
 * whole stays, what was half is gone with the next start. In the end it is the image that was never disturbed.
 */

const PROFILE = ["--profile", "testtop"];
const BASE = ["packages:testbase"];
const LAYERS = [...BASE, "packages:testtop"];
const PLACED = [...LAYERS, "programs"];
const TREES = ["files", ...PLACED];
const ALL = [...TREES, "qcow2"];

let at: Room;
let cache: string;

beforeAll(async () => {
	at = await room();
	// Makes sure of the downloads, and is what all is compared with.
	await built(SHARED_CACHE, at.path("undisturbed"), PROFILE);
	cache = await privateCache(at.path("cache"));
});

afterAll(() => at?.[Symbol.asyncDispose]());

const incidents: [string, Incident, string[]][] = [
	["^C while the base layer is unpacked", { how: "^C", during: "bootstrap", when: /Unpacking libc6/ }, []],
	["kill -9 while the base layer is unpacked", { how: "kill -9", during: "bootstrap", when: /Unpacking libc6/ }, []],
	["kill -9 while the second layer is installed", { how: "kill -9", during: "install", when: /Unpacking tree / }, BASE],
	["kill -9 while programs are placed", { how: "kill -9", during: "programs", when: /programs \.\.\./, later: 100 }, LAYERS],
	["^C while files are placed", { how: "^C", during: "files", when: /files \.\.\./, later: 300 }, PLACED],
	["kill -9 while files are placed", { how: "kill -9", during: "files", when: /files \.\.\./, later: 300 }, PLACED],
	["SIGTERM while the disk is written", { how: "SIGTERM", during: "disk", when: /disk \.\.\./, later: 700 }, TREES],
	["kill -9 while the disk is written", { how: "kill -9", during: "disk", when: /disk \.\.\./, later: 700 }, TREES],
	["^C while the image is compressed", { how: "^C", during: "qcow2", when: /qcow2 \.\.\./, later: 300 }, TREES],
	["kill -9 while the image is compressed", { how: "kill -9", during: "qcow2", when: /qcow2 \.\.\./, later: 300 }, TREES],
	["^C while the artifact is written", { how: "^C", during: "publish", when: "publish" }, ALL],
	["kill -9 while the artifact is written", { how: "kill -9", during: "publish", when: "publish" }, ALL],
];

describe("a build that is ended", () => {
	it.each(incidents)("%s", async (_what, incident, whole) => {
		const out = at.path("out");
		const { stderr } = await suffer(incident, cache, out, PROFILE);
		expect(await entriesOf(cache)).toEqual(whole);
		expect((await readdir(out)).filter((name) => !name.startsWith("."))).toEqual([]);
		if (incident.how === "kill -9") return;
		expect(stderr).toContain("Interrupted; nothing is left half-made.");
		expect(await leftovers(cache, out)).toEqual([]);
	});

	it("is finished by the next one, with nothing left of all that, and the same bytes as if it had never happened", async () => {
		const rerun = await built(cache, at.path("out"), PROFILE);
		expect(rerun.made).toEqual([]);
		expect(await leftovers(cache, at.path("out"))).toEqual([]);
		expect((await readdir(at.path("out"))).toSorted()).toEqual(filesOf("testtop", "qcow2"));
		const undisturbed = await built(SHARED_CACHE, at.path("undisturbed"), PROFILE);
		expect(rerun.manifest.artifacts).toEqual(undisturbed.manifest.artifacts);
		const verified = await cli(["cache", "verify", "--cache-dir", cache]);
		expect(verified, verified.stderr).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+ checked, 0 damaged$/m) });
	});
});
