import { watch } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { type Ended, startCli } from "./cli.ts";
import { familyOf, mountsIn, survivors } from "./processes.ts";
import { names } from "./room.ts";
import { buildArgs } from "./shared.ts";

/** Something that happens to a build, and when: once its log holds a line, or its artifact appears in OUT. */
export interface Incident {
	readonly how: "kill -9" | "^C" | "SIGTERM";
	readonly during: string;
	/** A line of the log; `publish` waits for the artifact's first bytes in OUT instead. */
	readonly when: RegExp | "publish";
	/** Milliseconds more, so that it is in the middle of it. */
	readonly later?: number;
}

/**
 * Starts a build, lets the incident happen, and asserts what holds after each: the exit code, no process and no mount
 * left behind. What the store and OUT hold is the caller's to look at.
 */
export async function suffer(incident: Incident, cache: string, out: string, more: readonly string[]): Promise<Ended> {
	await mkdir(out, { recursive: true });
	const before = new Set(await names(join(cache, "logs")));
	// First the ears, then the noise.
	using published = firstIn(out);
	await using build = startCli(buildArgs(cache, out, ...more));
	const over = build.ended().then(({ stdout, stderr }) => {
		throw new Error(`the build ended before ${incident.during}:\n${stderr}${stdout}`);
	});
	over.catch(() => {});
	await Promise.race([over, incident.when === "publish" ? published.seen : logSays(cache, before, incident.when)]);
	if (incident.later) await Promise.race([over, new Promise((resolve) => setTimeout(resolve, incident.later))]);
	const family = await familyOf(build.pid);
	expect(family.members.length).toBeGreaterThan(1);
	if (incident.how === "kill -9") build.kill("SIGKILL");
	else if (incident.how === "SIGTERM") build.kill("SIGTERM");
	else build.interrupt();
	const ended = await build.ended();
	expect(ended.code, ended.stderr).toBe(incident.how === "kill -9" ? "SIGKILL" : 130);
	expect(await survivors(family)).toEqual([]);
	expect(await mountsIn(cache)).toEqual([]);
	return ended;
}

async function logSays(cache: string, before: ReadonlySet<string>, pattern: RegExp): Promise<void> {
	for (;;) {
		for (const name of await names(join(cache, "logs"))) {
			if (!before.has(name) && pattern.test(await readFile(join(cache, "logs", name), "utf8"))) return;
		}
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}

/** Notices at once when a half-written artifact appears: a copy takes a tenth of a second. */
function firstIn(out: string): Disposable & { readonly seen: Promise<void> } {
	let notice = () => {};
	const seen = new Promise<void>((resolve) => {
		notice = resolve;
	});
	const watcher = watch(out, (_event, name) => {
		if (/\.qcow2\.\d+\.partial$/.test(name ?? "")) notice();
	});
	return { seen, [Symbol.dispose]: () => watcher.close() };
}

/** Slots of the whole entries in a store. */
export async function entriesOf(cache: string): Promise<string[]> {
	const found = (await readdir(join(cache, "entries"))).map(async (key) => {
		const text = await readFile(join(cache, "entries", key, "record.json"), "utf8").catch(() => undefined);
		return text === undefined ? `half ${key}` : (JSON.parse(text) as { slot: string }).slot.replace(/@.*|:testtop-debian.*/, "");
	});
	return (await Promise.all(found)).toSorted();
}
