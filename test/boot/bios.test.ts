import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ToolError } from "../../core/errors.ts";
import { run } from "../../core/process/run.ts";
import { sshArgv } from "../../core/ssh/ssh.ts";
import { patience } from "../../qemu/emulation.ts";
import { expectRunning, itIsUp, readStatus } from "./checks.ts";
import { bootGuest, type Guest } from "./guest.ts";
import { HOST_NAME } from "./seed.ts";

describe("SeaBIOS, with a seed", () => {
	let guest: Guest;

	beforeAll(async () => {
		guest = await bootGuest({ firmware: "bios", seed: true });
		await guest.reachable();
	});

	afterAll(() => guest?.[Symbol.asyncDispose]());

	itIsUp(() => guest);

	it("tells the agent's state on the console, in the journal and by the agent's own command", async () => {
		const { node } = await readStatus(guest);
		await guest.machine.console.waitFor(new RegExp(`clusteros ${HOST_NAME} booted`), patience(2, guest.accel));
		const journal = await guest.run(["sudo", "journalctl", "-b", "-u", "clusteros-agent", "-o", "cat"]);
		expect(journal.split("\n").filter((line) => line.includes("state=booted") && line.includes(node))).not.toEqual([]);
		expect(JSON.parse(await guest.run(["clusteros-agent", "status", "--json"]))).toMatchObject({ node, state: "booted" });
	});

	it("runs the agent as a unit that notifies and is watched", async () => {
		const properties = ["Type", "ActiveState", "SubState", "NRestarts"].map((name) => `--property=${name}`);
		const shown = await guest.run(["systemctl", "show", "clusteros-agent", ...properties]);
		expect(shown.split("\n").toSorted()).toEqual(["ActiveState=active", "NRestarts=0", "SubState=running", "Type=notify"]);
		expect(await guest.run(["systemctl", "show", "clusteros-agent", "--property=WatchdogUSec", "--value"])).not.toMatch(
			/^(0|infinity)$/,
		);
	});

	it("takes no password over ssh", async () => {
		const alone = { ...guest.ssh, control: undefined };
		const byPassword = ["-o", "PubkeyAuthentication=no", "-o", "PreferredAuthentications=password,keyboard-interactive"];
		const refused = await run(sshArgv(alone, ["true"], byPassword), { doing: "trying a password" }).catch((e: unknown) => e);
		expect(refused).toBeInstanceOf(ToolError);
		// The methods in brackets are what the server would still take.
		expect((refused as ToolError).failure.tail.join("\n")).toMatch(/Permission denied \(publickey\)/);
		const settings = (await guest.run(["sudo", "sshd", "-T"])).split("\n");
		expect(settings).toEqual(expect.arrayContaining(["passwordauthentication no", "kbdinteractiveauthentication no"]));
	});

	it("lets a service read the kernel's log", async () => {
		const record = ["dd", "if=/dev/kmsg", "bs=8192", "count=1", "iflag=nonblock", "status=none"];
		expect(await guest.run(["sudo", "systemd-run", "--quiet", "--wait", "--pipe", "--", ...record])).toMatch(/^\d+,\d+,\d+,/);
	});

	it("is the same node after a reboot, and comes up as well", async () => {
		const before = await readStatus(guest);
		const machineId = await guest.run(["cat", "/etc/machine-id"]);
		await guest.reboot();
		await expectRunning(guest);
		const after = await readStatus(guest);
		expect(after).toMatchObject({ node: before.node, state: "booted" });
		expect(after.boot).not.toBe(before.boot);
		expect(await guest.run(["cat", "/etc/machine-id"])).toBe(machineId);
	});
});
