import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { run } from "../../core/process/run.ts";
import { guestArgs, probeAcceleration } from "../../qemu/accel.ts";
import { probeDisk, REPORTED } from "../../qemu/probe-guest.ts";

let dir: string;
beforeEach(async () => {
	dir = await mkdtemp(join(tmpdir(), "accel-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** A host whose QEMU is a shell script; /dev/null stands for a KVM that opens. */
async function host(script: string, boot = "boot-1") {
	const qemu = join(dir, "qemu-system-x86_64");
	await writeFile(qemu, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
	return { kvm: "/dev/null", qemu, bootId: async () => boot };
}

describe("probeAcceleration", () => {
	it("takes KVM when the guest reports", async () => {
		const answer = await probeAcceleration({ cacheDir: dir }, await host(`exit ${REPORTED}`));
		expect(answer.accel).toBe("kvm");
	});

	it("takes emulation, and says why, when the guest dies", async () => {
		const answer = await probeAcceleration({ cacheDir: dir }, await host("echo KVM internal error. Suberror: 1 >&2; exit 1"));
		expect(answer).toEqual({ accel: "tcg", reason: expect.stringMatching(/do not run under it \(KVM internal error/) });
	});

	it("does not take a QEMU that merely ends well for a guest that ran", async () => {
		expect((await probeAcceleration({ cacheDir: dir }, await host("exit 0"))).accel).toBe("tcg");
	});

	it("remembers until the next boot", async () => {
		await probeAcceleration({ cacheDir: dir }, await host(`exit ${REPORTED}`));
		const dead = "exit 1";
		expect((await probeAcceleration({ cacheDir: dir }, await host(dead))).accel).toBe("kvm");
		expect((await probeAcceleration({ cacheDir: dir }, await host(dead, "boot-2"))).accel).toBe("tcg");
	});

	it("remembers nothing, and leaves nothing, when QEMU is not there", async () => {
		const none = { kvm: "/dev/null", qemu: join(dir, "none"), bootId: async () => "boot-1" };
		expect(await probeAcceleration({ cacheDir: join(dir, "cache") }, none)).toEqual({
			accel: "tcg",
			reason: "QEMU is not installed",
		});
		expect(await readdir(join(dir, "cache"))).toEqual([]);
	});

	it("names a device that is not there", async () => {
		const none = { ...(await host("exit 1")), kvm: join(dir, "kvm") };
		expect((await probeAcceleration({ cacheDir: dir }, none)).reason).toBe(`there is no ${join(dir, "kvm")}`);
	});
});

describe("the guest itself", async () => {
	const installed = await run(["qemu-system-x86_64", "--version"], { doing: "looking for QEMU" }).then(
		() => true,
		() => false,
	);

	it.skipIf(!installed)(`reports when it runs${installed ? "" : " (skipped: no qemu-system-x86_64 here)"}`, async () => {
		const disk = join(dir, "disk.raw");
		await writeFile(disk, probeDisk());
		const argv = guestArgs("qemu-system-x86_64", disk, "tcg");
		const { exitCode } = await run(argv, { doing: "running it", ok: [REPORTED], timeout: 15_000 });
		expect(exitCode).toBe(REPORTED);
	});
});
