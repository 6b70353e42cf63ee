import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tryLock, waitLock } from "../../../builder/store/lock.ts";
import { Interrupted } from "../../../core/errors.ts";
import { run } from "../../../core/process/run.ts";
import { room } from "./room.ts";

const none = () => {};

it("is exclusive until disposed of, also for other programs", async () => {
	await using at = await room();
	const file = join(at.dir, "a.lock");
	const lock = await tryLock(file);
	expect(lock).toBeDefined();
	expect(await tryLock(file)).toBeUndefined();
	expect(await tryLock(file, { shared: true })).toBeUndefined();
	const foreign = await run(["flock", "--nonblock", file, "true"], { doing: "locking", ok: [0, 1] });
	expect(foreign.exitCode).toBe(1);
	await lock![Symbol.asyncDispose]();
	await using again = await tryLock(file);
	expect(again).toBeDefined();
});

it("is shared by readers, who keep makers out", async () => {
	await using at = await room();
	const file = join(at.dir, "a.lock");
	await using one = await tryLock(file, { shared: true });
	await using two = await tryLock(file, { shared: true });
	expect([one, two].every(Boolean)).toBe(true);
	expect(await tryLock(file)).toBeUndefined();
});

it("waits, saying so once", async () => {
	await using at = await room();
	const file = join(at.dir, "a.lock");
	const first = await waitLock(file, none);
	let said = 0;
	const second = waitLock(file, () => said++);
	while (said === 0) await new Promise((resolve) => setTimeout(resolve, 5));
	await first[Symbol.asyncDispose]();
	await (await second)[Symbol.asyncDispose]();
	expect(said).toBe(1);
});

it("stops waiting when interrupted", async () => {
	await using at = await room();
	const file = join(at.dir, "a.lock");
	await using _first = await waitLock(file, none);
	const stop = new AbortController();
	await expect(waitLock(file, () => stop.abort(), { signal: stop.signal })).rejects.toBeInstanceOf(Interrupted);
});

it("is held by a process outside our process group, which ^C reaches whole", async () => {
	await using at = await room();
	const file = join(at.dir, "a.lock");
	await using _lock = await waitLock(file, none);
	const { ino } = await stat(file);
	const line = (await readFile("/proc/locks", "utf8")).split("\n").find((text) => text.includes(`:${ino} `));
	const holder = line!.split(/\s+/)[4]!;
	const group = async (pid: string) => (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]!.split(" ")[2];
	expect(await group(holder)).not.toBe(await group("self"));
});
