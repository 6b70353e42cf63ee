import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../core/process/run.ts";
import { fillNode } from "./scratch.ts";

/** The agent as the image has it: one file, run as a program of its own. */
let dir: string;
let agent: string;
beforeAll(async () => {
	dir = mkdtempSync(join(tmpdir(), "clusteros-bundle-"));
	agent = join(dir, "agent.js");
	const entry = join(import.meta.dirname, "../../agent/main.ts");
	await build({
		entryPoints: [entry],
		bundle: true,
		platform: "node",
		target: "node24",
		format: "cjs",
		outfile: agent,
		logLevel: "error",
	});
	fillNode(join(dir, "node"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const status = (...args: string[]) =>
	run([process.execPath, agent, ...args], {
		doing: "asking the agent",
		env: { CLUSTEROS_ROOT: join(dir, "node") },
		ok: [0, 1, 2],
	});

/** systemd-notify's stand-in writes down what it is told. */
function notifyStandIn(): string {
	const bin = mkdtempSync(join(dir, "bin-"));
	writeFileSync(join(bin, "systemd-notify"), `#!/bin/sh\nprintf '%s\\n' "$*" >> "$0.log"\n`);
	chmodSync(join(bin, "systemd-notify"), 0o755);
	return bin;
}

async function until(what: () => boolean): Promise<void> {
	while (!what()) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe("the bundled agent", () => {
	it("is small, and has neither zod nor execa in it", () => {
		const text = readFileSync(agent, "utf8");
		expect(text.length).toBeLessThan(256 * 1024);
		expect(text).not.toMatch(/node_modules\/(zod|execa)/);
	});

	it("says that nothing is known before it ran, and how it is used", async () => {
		expect(await status("status")).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("journalctl") });
		expect(await status("--help")).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("status --json") });
		expect(await status("statsu")).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("unknown: statsu") });
	});

	it("stays, tells systemd, answers, and ends on SIGTERM with the same id at the next start", async () => {
		const bin = notifyStandIn();
		const env = {
			...process.env,
			PATH: `${bin}${delimiter}${process.env.PATH}`,
			CLUSTEROS_ROOT: join(dir, "node"),
			NOTIFY_SOCKET: join(dir, "socket"),
			WATCHDOG_USEC: "200000",
		};
		const log = join(bin, "systemd-notify.log");
		const ids: string[] = [];
		for (const _start of [1, 2]) {
			const child = spawn(process.execPath, [agent, "run"], { env, stdio: ["ignore", "ignore", "inherit"] });
			const ended = new Promise((resolve) => child.once("exit", (code) => resolve(code)));
			await until(() => existsSync(log) && readFileSync(log, "utf8").includes("WATCHDOG=1"));
			expect(readFileSync(log, "utf8")).toMatch(/^READY=1 STATUS=node /m);
			ids.push(JSON.parse((await status("status", "--json")).stdout).node);
			child.kill("SIGTERM");
			expect(await ended).toBe(0);
			rmSync(log);
		}
		expect(ids[1]).toBe(ids[0]);
	});

	it("ends with an error that names the file when its identity is spoilt", async () => {
		const key = join(dir, "node/var/lib/clusteros/identity.key");
		writeFileSync(key, "spoilt");
		const { exitCode, stdout } = await status("run");
		expect(exitCode).toBe(1);
		expect(stdout).toMatch(/^<3>msg=".*identity\.key holds no Ed25519 key/);
		expect(readFileSync(join(dir, "node/dev/console"), "utf8")).toMatch(/ booted - failed: .*identity\.key/);
		expect(readFileSync(key, "utf8")).toBe("spoilt");
	});
});
