import { expect, it } from "vitest";
import { type NodeStatus, nodeStatus } from "../../core/contract/status.ts";
import { patience } from "../../qemu/emulation.ts";
import { DISK_SIZE, type Guest } from "./guest.ts";
import { HOST_NAME, SECRET, USER } from "./seed.ts";

/** The agent's status file, checked against its schema. */
export async function readStatus(guest: Guest): Promise<NodeStatus> {
	return nodeStatus.parse(JSON.parse(await guest.run(["cat", "/run/clusteros/status.json"])));
}

/** What has to hold on every firmware. `guest` is called in the tests, when the machine is there. */
export function itIsUp(guest: () => Guest): void {
	it("is running, with no failed unit", async () => {
		await expectRunning(guest());
	});

	it("has grown its root to the disk", async () => {
		const size = Number((await guest().run(["df", "--output=size", "-B1", "/"])).split("\n").at(-1));
		expect(size).toBeGreaterThan(0.75 * DISK_SIZE);
	});

	it("has its seed applied", async () => {
		expect(await guest().run(["hostname"])).toBe(HOST_NAME);
		expect(await guest().run(["id", "-un"])).toBe(USER);
		expect(await guest().run(["sudo", "-n", "id", "-u"])).toBe("0");
		expect(await guest().run(["sudo", "cat", SECRET.path])).toBe(SECRET.content.trimEnd());
		expect(await guest().run(["stat", "-c", "%a %U:%G", SECRET.path])).toBe("600 root:root");
		const { v1 } = JSON.parse(await guest().run(["cat", "/run/cloud-init/status.json"]));
		expect(v1.datasource).toMatch(/^DataSourceNoCloud .*seed=\/dev\/vdb/);
		for (const stage of ["init-local", "init", "modules-config", "modules-final"]) {
			expect(v1[stage]).toMatchObject({ errors: [], recoverable_errors: {}, finished: expect.any(Number) });
		}
	});

	it("has an agent that is up and says so", async () => {
		const status = await readStatus(guest());
		const boot = await guest().run(["cat", "/proc/sys/kernel/random/boot_id"]);
		expect(status).toMatchObject({ state: "booted", name: HOST_NAME, boot });
	});

	it("loads WireGuard", async () => {
		await guest().run(["sudo", "ip", "link", "add", "wgtest", "type", "wireguard"]);
		expect(await guest().run(["sudo", "wg", "show", "interfaces"])).toBe("wgtest");
		await guest().run(["sudo", "ip", "link", "del", "wgtest"]);
	});
}

/** Waits for the end of the boot; when it is not `running`, the failed units and their records are in the message. */
export async function expectRunning(guest: Guest): Promise<void> {
	const state = await guest.run(["systemctl", "is-system-running", "--wait"], { ok: [0, 1], timeout: patience(60, guest.accel) });
	const failed = await guest.run(["systemctl", "--failed", "--no-legend", "--plain"]);
	const records = failed && (await guest.run(["sudo", "journalctl", "-b", "-p", "warning", "--no-pager", "-n", "40"]));
	expect({ state, failed, records }).toEqual({ state: "running", failed: "", records: "" });
}
