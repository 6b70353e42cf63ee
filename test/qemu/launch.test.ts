import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { poll } from "../../core/deadline.ts";
import { ToolError, UserError } from "../../core/errors.ts";
import { startMachine } from "../../qemu/launch.ts";
import { type MachineSpec, machineFiles } from "../../qemu/machine.ts";
import { StartedMachine } from "../../qemu/started-machine.ts";
import { machineSpec } from "./machine-spec.ts";
import { missing, named } from "./programs.ts";

const lacking = missing("qemu-system-x86_64", "setpriv");
let folder: string;
/** A real QEMU whose firmware finds nothing to boot: enough for all that is not about a guest. */
let spec: MachineSpec;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "machine-"));
	spec = machineSpec({ memoryMiB: 64, files: machineFiles(join(folder, "n1")) });
});

afterEach(async () => {
	await (await StartedMachine.attach(spec))?.stop();
	await rm(folder, { recursive: true });
});

const running = (pid: number) =>
	readFile(`/proc/${pid}/cmdline`, "utf8").then(
		(s) => s !== "",
		() => false,
	);

describe.skipIf(lacking.length > 0)(named("startMachine", lacking), () => {
	it("runs for a scope and is gone after it", async () => {
		let pid: number;
		{
			await using machine = await startMachine(spec, { lifetime: "parent" });
			pid = machine.pid;
			const status = await machine.qmp((qmp) => qmp.execute<{ status: string }>("query-status"));
			expect(status.status).toBe("running");
		}
		expect(await running(pid)).toBe(false);
	});

	it("says why when QEMU dies at start", async () => {
		const disks = [{ file: join(folder, "absent.qcow2"), format: "qcow2" }] as const;
		const error = await startMachine({ ...spec, disks }, { lifetime: "parent" }).catch((e: unknown) => e);
		expect(error).toBeInstanceOf(ToolError);
		expect((error as ToolError).failure.tail.join()).toMatch(/absent\.qcow2.*No such file/);
	});

	it("does not start a machine twice", async () => {
		await using machine = await startMachine(spec, { lifetime: "parent" });
		const error = await startMachine(spec, { lifetime: "parent" }).catch((e: unknown) => e);
		expect(error).toBeInstanceOf(UserError);
		expect((error as UserError).message).toBe(`machine n1 already runs (process ${machine.pid})`);
		expect(await machine.isRunning()).toBe(true);
	});

	it("kills a machine that neither powers down nor answers", async () => {
		const machine = await startMachine(spec, { lifetime: "parent" });
		process.kill(machine.pid, "SIGSTOP");
		expect(await machine.stop()).toBe("kill");
		expect(await machine.stop()).toBe("gone");
	});

	it("asks the guest first where there is time", async () => {
		const machine = await startMachine(spec, { lifetime: "parent" });
		expect(await machine.stop(200)).toBe("quit");
	});

	it("refuses a socket path that the kernel would cut", async () => {
		const files = machineFiles(join(folder, "x".repeat(100)));
		await expect(startMachine({ ...spec, files }, { lifetime: "parent" })).rejects.toThrow(/longer than 107 bytes/);
	});
});

describe.skipIf(lacking.length > 0)(named("lifetime", lacking), () => {
	/** Starts the machine from a process of its own, which then is killed with no chance to clean up. */
	async function startAndKill(lifetime: "parent" | "detached"): Promise<StartedMachine> {
		const contents = `import { startMachine } from "./qemu/launch.ts";
			startMachine(${JSON.stringify(spec)}, { lifetime: "${lifetime}" }).then(() => console.log("started"));
			setInterval(() => {}, 1000);`;
		const outfile = join(folder, "starter.cjs");
		const stdin = { contents, resolveDir: join(import.meta.dirname, "../..") };
		await build({ stdin, outfile, bundle: true, platform: "node", target: "node20", format: "cjs" });
		const starter = spawn(process.execPath, [outfile], { stdio: ["ignore", "pipe", "inherit"] });
		await once(starter.stdout!, "data");
		const machine = await StartedMachine.attach(spec);
		const ended = once(starter, "exit");
		starter.kill("SIGKILL");
		await ended;
		return machine!;
	}

	it("ends with its parent, even when that is killed", async () => {
		const machine = await startAndKill("parent");
		expect(await poll(async () => ((await machine.isRunning()) ? undefined : "ended"), { timeout: 5000 })).toBe("ended");
	});

	it("goes on without its parent where asked to, and can be stopped by another process", async () => {
		const machine = await startAndKill("detached");
		await sleep(300);
		expect(await machine.isRunning()).toBe(true);
		expect(await machine.stop()).toBe("quit");
		expect(await StartedMachine.attach(spec)).toBeUndefined();
	});
});
