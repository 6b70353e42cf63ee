import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import spawn from "cross-spawn";
import { afterEach, beforeEach, expect, inject, it } from "vitest";
import { runtimeFolder } from "../../../cluster/reach/runtime.ts";
import { poll } from "../../../core/deadline.ts";
import { readClusterState, runningMachines } from "../../../qemu/cluster/state.ts";
import { clusteros, mustClusteros, PROGRAM } from "../clusteros.ts";
import { Living } from "./living.ts";

/** `clusteros up` where it is not wanted, and where it is not let finish. */

let folder: string;
let dir: string;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "clusteros-up-"));
	dir = join(folder, "second");
});
afterEach(async () => {
	await clusteros("down", dir, "--now");
	await rm(folder, { recursive: true, force: true });
});

it("up of a cluster that is up changes nothing", async () => {
	const lab = await Living.open(inject("cluster"));
	const before = { state: await lab.state(), processes: await lab.processes() };
	const { stdout } = await mustClusteros("up", lab.dir, "--json");
	expect(JSON.parse(stdout)).toMatchObject({ ready: true, started: [] });
	expect({ state: await lab.state(), processes: await lab.processes() }).toEqual(before);
});

it("^C in up, beside a cluster that runs: nothing of it is left, and nothing else is touched", async () => {
	const lab = await Living.open(inject("cluster"));
	const before = await lab.processes();
	await mustClusteros("init", dir, "--nodes", "2");
	const { image } = await lab.state();
	const up = spawn(process.execPath, [PROGRAM, "up", dir, "--image", image], { stdio: ["ignore", "ignore", "pipe"] });
	let said = "";
	up.stderr!.setEncoding("utf8").on("data", (text: string) => {
		said += text;
	});
	const ended = new Promise<number | null>((resolve) => up.on("close", (code) => resolve(code)));
	const booting = await poll(
		async () => {
			const state = await readClusterState(join(dir, ".clusteros"));
			return state && (await runningMachines(state)).size === 2 ? state : undefined;
		},
		{ timeout: 60_000 * lab.slow },
	);
	expect(booting, said).toBeDefined();
	expect(await processesWith(dir)).toHaveLength(4);
	up.kill("SIGINT");
	expect(await ended, said).toBe(130);
	expect(await processesWith(dir)).toEqual([]);
	expect((await readdir(join(dir, ".clusteros"))).filter((name) => !["admin.key", "seed-generation"].includes(name))).toEqual([]);
	expect(existsSync(join(booting!.switch.control, ".."))).toBe(false);
	expect(runtimeFolder(dir, booting!.id, process.env, process.getuid!())).toBe(join(booting!.switch.control, ".."));
	expect(await lab.processes()).toEqual(before);
});

it("an image that is no image is named, and nothing is started", async () => {
	await mustClusteros("init", dir, "--nodes", "1");
	const image = join(folder, "notes.qcow2");
	await writeFile(image, "no image\n");
	const { exitCode, stderr } = await clusteros("up", dir, "--image", image);
	expect(exitCode).toBe(2);
	expect(stderr).toContain(`${image} is no disk image`);
	expect(existsSync(join(dir, ".clusteros/state.json"))).toBe(false);
	expect(await readFile(join(dir, "cluster.toml"), "utf8")).not.toContain("notes.qcow2");
});

/** Ids of processes that have a word in their command line. */
async function processesWith(word: string): Promise<string[]> {
	const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
	const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")));
	return ids.filter((_, index) => lines[index]!.includes(word));
}
