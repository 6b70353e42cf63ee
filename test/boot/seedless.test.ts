import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { patience } from "../../qemu/emulation.ts";
import { DEBUG_SHELL, DebugShell } from "./debug-shell.ts";
import { bootGuest, type Guest } from "./guest.ts";
import { readManifest } from "./image.ts";

/** The kernel is loaded by QEMU, from the files that the manifest names: the way that test clusters boot. */
describe("direct kernel boot, without any seed", () => {
	let guest: Guest;
	let shell: DebugShell;
	const run = (line: string) => shell.run(line, patience(60, guest.accel));

	beforeAll(async () => {
		const beside = (path: string) => join(dirname(inject("image")), path);
		const { cmdline, vmlinuz, initrd } = (await readManifest(inject("image"))).kernel;
		const firmware = { kernel: beside(vmlinuz.path), initrd: beside(initrd.path), append: `${cmdline} ${DEBUG_SHELL}` };
		guest = await bootGuest({ firmware, seed: false, secondSerial: true });
		shell = await DebugShell.open(guest.machine.spec.secondSerial!, patience(30, guest.accel));
	});

	afterAll(async () => {
		await shell?.[Symbol.asyncDispose]();
		await guest?.[Symbol.asyncDispose]();
	});

	it("is running, with no failed unit", async () => {
		const state = await run("systemctl is-system-running --wait");
		expect({ state, failed: await run("systemctl --failed --no-legend --plain") }).toEqual({ state: "running", failed: "" });
	});

	it("does not wait for a seed that is not there", async () => {
		expect(JSON.parse(await run("cat /run/cloud-init/status.json")).v1.datasource).toBe("DataSourceNone");
		const times = "--property=Id,InactiveExitTimestampMonotonic,ActiveEnterTimestampMonotonic";
		const units = (await run(`systemctl show ${times} 'cloud-*.service'`)).split("\n\n").map(milliseconds);
		expect(units.filter(({ took }) => took > patience(2, guest.accel))).toEqual([]);
	});

	it("has its agent up, also seen on the console", async () => {
		expect(JSON.parse(await run("cat /run/clusteros/status.json"))).toMatchObject({ state: "booted" });
		await guest.machine.console.waitFor(/clusteros \S+ booted/, patience(2, guest.accel));
	});

	it("lets nobody in", async () => {
		expect(await run("awk -F: '$2 !~ /^[!*]/ {print $1}' /etc/shadow")).toBe("");
		expect(await run("find /etc /home /root /var -name 'authorized_keys*' -size +0")).toBe("");
		expect(await run("awk -F: '$3 >= 1000 && $3 < 60000 {print $1}' /etc/passwd")).toBe("");
	});

	it("has grown its root all the same", async () => {
		expect(Number(await run("df --output=size -BG / | tail -n 1 | tr -d ' G'"))).toBeGreaterThan(6);
	});
});

/** How long a unit took to start, from what `systemctl show` prints of it; 0 when it was not started. */
function milliseconds(shown: string): { unit: string; took: number } {
	const property = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(shown)?.[1] ?? "";
	const [from, to] = [Number(property("InactiveExitTimestampMonotonic")), Number(property("ActiveEnterTimestampMonotonic"))];
	return { unit: property("Id"), took: Math.max(0, to - from) / 1000 };
}
