import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { changesSince, forgetWarm, mustBeCurrent, readWarm, writeWarm } from "../../../qemu/cluster/warm.ts";

const KEY = { image: "i", cluster: "c", secrets: "s", shape: "h", qemu: "q" };
let dir: string;
beforeEach(async () => {
	dir = await mkdtemp(join(tmpdir(), "warm-"));
});
afterEach(() => rm(dir, { recursive: true }));

it("is kept for its owner alone, read back, and forgotten", async () => {
	expect(await readWarm(dir)).toBeUndefined();
	await writeWarm(dir, new Date(0), KEY);
	expect(await readWarm(dir)).toEqual({ version: 1, made: "1970-01-01T00:00:00.000Z", key: KEY });
	expect((await stat(join(dir, "warm.json"))).mode & 0o777).toBe(0o600);
	await forgetWarm(dir);
	expect(await readWarm(dir)).toBeUndefined();
});

it.each(["", "{}", '{"version":2}'])("takes %j for no snapshot", async (text) => {
	await writeFile(join(dir, "warm.json"), text);
	expect(await readWarm(dir)).toBeUndefined();
});

it("names all that has changed since, and is refused then", async () => {
	await writeWarm(dir, new Date(0), KEY);
	const warm = (await readWarm(dir))!;
	expect(changesSince(warm, KEY)).toEqual([]);
	expect(() => mustBeCurrent(warm, KEY)).not.toThrow();
	const other = { ...KEY, secrets: "x", cluster: "y" };
	expect(() => mustBeCurrent(warm, other)).toThrow(/snapshot of 1970.*cluster\.toml and secrets\.toml changed since/);
});
