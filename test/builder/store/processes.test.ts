import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tryLock } from "../../../builder/store/lock.ts";
import { keyOf } from "../../../builder/store/store.ts";
import { run } from "../../../core/process/run.ts";
import { bundle, room, start } from "./room.ts";

const KEY = keyOf({ mode: "slow" });

describe("processes of their own", () => {
	it("a killed build leaves nothing that the next one does not clean up", async () => {
		await using at = await room();
		const script = await bundle("maker", at.dir);
		const gate = join(at.dir, "gate");
		const killed = start([process.execPath, script, at.cache, "slow", gate]);
		await killed.saw("building");
		killed.kill("SIGKILL");
		expect((await killed.ended()).code).toBe("SIGKILL");
		expect(await at.names("tmp")).toHaveLength(1);
		expect(await at.names("entries")).toEqual([]);

		await writeFile(gate, "");
		const next = await start([process.execPath, script, at.cache, "slow", gate]).ended();
		expect(next).toMatchObject({ code: 0, output: expect.stringContaining("made new") });
		expect([await at.names("tmp"), await at.names("entries")]).toEqual([[], [KEY]]);
	});

	it("opening the store leaves the folder of a build that still runs alone", async () => {
		await using at = await room();
		const gate = join(at.dir, "gate");
		const running = start([process.execPath, await bundle("maker", at.dir), at.cache, "slow", gate]);
		await running.saw("building");
		await at.open();
		expect(await at.names("tmp")).toHaveLength(1);
		await writeFile(gate, "");
		expect(await running.ended()).toMatchObject({ code: 0 });
	});

	it("two builds at once make a thing once", async () => {
		await using at = await room();
		const script = await bundle("maker", at.dir);
		const gate = join(at.dir, "gate");
		const argv = [process.execPath, script, at.cache, "slow", gate];
		const first = start(argv);
		await first.saw("building");
		const second = start(argv);
		await second.saw("waiting for another build to make thing");
		await writeFile(gate, "");
		const outputs = [(await first.ended()).output, (await second.ended()).output];
		expect(outputs[0]).toContain("made new");
		expect(outputs[1]).toContain("made cached");
		expect((await readFile(join(at.cache, "built"), "utf8")).trim().split("\n")).toHaveLength(1);
	});

	it("a build that waits goes on when the one it waits for is killed", async () => {
		await using at = await room();
		const script = await bundle("maker", at.dir);
		const gate = join(at.dir, "gate");
		const argv = [process.execPath, script, at.cache, "slow", gate];
		const first = start(argv);
		await first.saw("building");
		const second = start(argv);
		await second.saw("waiting");
		first.kill("SIGKILL");
		await second.saw("building");
		await writeFile(gate, "");
		expect(await second.ended()).toMatchObject({ code: 0, output: expect.stringContaining("made new") });
		expect(await at.names("tmp")).toEqual([]);
	});

	it("prune leaves what another process uses", async () => {
		await using at = await room();
		const gate = join(at.dir, "gate");
		const reader = start([process.execPath, await bundle("maker", at.dir), at.cache, "hold", gate]);
		await reader.saw("made new");
		const store = await at.open();
		expect(await store.prune({ all: true })).toMatchObject({ removed: [], inUse: [`thing ${KEY.slice(0, 12)}`], freed: 0 });
		await writeFile(gate, "");
		await reader.ended();
		expect(await store.prune({ all: true })).toMatchObject({ inUse: [], left: 0 });
		expect(await at.names("entries")).toEqual([]);
	});

	it("a lock ends with its owner even when that is killed", async () => {
		await using at = await room();
		const script = await bundle("maker", at.dir);
		const owner = start([process.execPath, script, at.cache, "hold", join(at.dir, "never")]);
		await owner.saw("made new");
		const file = join(at.cache, "locks", `${KEY}.lock`);
		expect(await tryLock(file)).toBeUndefined();
		owner.kill("SIGKILL");
		await owner.ended();
		await run(["flock", "--timeout", "10", file, "true"], { doing: "waiting for the kernel" });
	});
});

describe("a full disk", () => {
	const mount = 'mkdir "$3" && mount -t tmpfs -o size=4m none "$3" && "$1" "$2" "$3" fill; ls "$3/tmp" "$3/entries"';

	it("is named, with what to do, and nothing is left of what did not fit", async (context) => {
		const namespace = ["unshare", ...(process.getuid!() === 0 ? [] : ["--user", "--map-root-user"]), "--mount"];
		const allowed = await run([...namespace, "mount", "-t", "tmpfs", "none", "/mnt"], { doing: "trying", ok: [0, 1, 32] });
		if (allowed.exitCode !== 0) {
			console.log(`skipped: a small disk cannot be mounted here: ${allowed.stderr}`);
			return context.skip(`no mount namespace: ${allowed.stderr}`);
		}
		await using at = await room();
		const script = await bundle("maker", at.dir);
		const { output, code } = await start([...namespace, "sh", "-c", mount, "sh", process.execPath, script, at.cache]).ended();
		expect(output).toContain(`failed: no space left on the disk of ${at.cache} (mounted on ${at.cache})`);
		expect(output).toMatch(/: \d+ k?B free \| clusteros cache prune, or --cache-dir DIR on a larger disk/);
		expect(output).toContain(`${at.cache}/entries:\n\n${at.cache}/tmp:\n`);
		expect(output.trimEnd().endsWith("/tmp:")).toBe(true);
		expect(code).toBe(0);
	});
});
