import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cli, startCli } from "./support/cli.ts";
import { leftovers, privateCache, type Room, room } from "./support/room.ts";
import { buildArgs, built, builtFrom, filesOf, SHARED_CACHE } from "./support/shared.ts";

let at: Room;
let cache: string;

beforeAll(async () => {
	at = await room();
	const { manifest } = await built(SHARED_CACHE, at.path("base"), ["--profile", "testtop"]);
	const layers = manifest.steps.filter(({ id }) => id.startsWith("packages:")).map(({ key }) => key);
	cache = await privateCache(at.path("cache"), layers);
});

afterAll(() => at?.[Symbol.asyncDispose]());

it("two builds of one profile at once share the work, even into one OUT: every step is made once, both succeed alike", async () => {
	const out = at.path("out");
	// A layer, files, disk and image that are not there yet.
	const args = buildArgs(cache, out, "--json", "--profile", "testtop", "--set", "packages+=lsof", "--format", "qcow2,raw");
	await using one = startCli(args);
	await using other = startCli(args);
	const [first, second] = (await Promise.all([one.ended(), other.ended()])).map((ended) => builtFrom(ended, out));
	const steps = ["packages:testbase", "packages:testtop", "packages:--set", "programs", "files", "disk", "qcow2"];
	expect([...first!.made, ...second!.made].toSorted()).toEqual(steps.slice(2).toSorted());
	expect([...first!.cached, ...second!.cached].toSorted()).toEqual([...steps, ...steps.slice(0, 2)].toSorted());
	expect(first!.stderr + second!.stderr).toMatch(/^warning: waiting for another build to make /m);
	expect(first!.manifest.artifacts).toEqual(second!.manifest.artifacts);
	expect((await readdir(out)).toSorted()).toEqual(filesOf("testtop", "qcow2", "raw"));
	expect(await leftovers(cache, out)).toEqual([]);
	expect(await cli(["cache", "verify", "--cache-dir", cache])).toMatchObject({ code: 0 });
});

it("a build that waits for one that is killed goes on in its place", async () => {
	const [out, other] = [at.path("killed"), at.path("waiting")];
	const args = ["--json", "--profile", "testtop", "--set", "kernel.args+=quiet"];
	await using killed = startCli(buildArgs(cache, out, ...args));
	await using waiting = startCli(buildArgs(cache, other, ...args));
	const isWaiting = /waiting for another build to make files/;
	const last = await Promise.race([waiting.saw(isWaiting).then(() => killed), killed.saw(isWaiting).then(() => waiting)]);
	last.kill("SIGKILL");
	const [survivor, place] = last === killed ? [waiting, other] : [killed, out];
	const { made } = builtFrom(await survivor.ended(), place);
	expect(made).toContain("files");
	expect((await last.ended()).code).toBe("SIGKILL");
	expect(await leftovers(cache, out, other)).toEqual([]);
});
