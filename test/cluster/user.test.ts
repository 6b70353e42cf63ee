import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { poll } from "../../core/deadline.ts";
import { type OrdinaryUser, ordinaryUser } from "./ordinary-user.ts";

/** The whole story, from `init` to `down`, by somebody who may do nothing but run programs. */

const isRoot = process.getuid!() === 0;
if (!isRoot) console.log("user: skipped: this run is an ordinary user's own, and so is the cluster that all suites share");

describe.skipIf(!isRoot)("a user without any right", () => {
	let user: OrdinaryUser;

	beforeAll(async () => {
		user = await ordinaryUser(inject("image"));
	});
	afterAll(async () => {
		await user?.clusteros("down", "lab", "--now");
		await user?.[Symbol.asyncDispose]();
	});

	it("describes a cluster and starts it", async () => {
		const made = await user.clusteros("init", "lab", "--nodes", "2");
		expect(made, made.stderr).toMatchObject({ exitCode: 0 });
		const up = await user.clusteros("up", "lab", "--image", user.image);
		expect(up, up.stderr).toMatchObject({ exitCode: 0 });
	});

	it("runs the machines and their switch under their own name", async () => {
		const state = join(user.home, "lab/.clusteros");
		for (const file of ["switch.pid", "c1/qemu.pid", "n1/qemu.pid"]) {
			const pid = (await readFile(join(state, file), "utf8")).trim();
			const status = await readFile(`/proc/${pid}/status`, "utf8");
			const ids = Array(4).fill(user.uid).join("\t");
			expect(status).toContain(`Uid:\t${ids}\n`);
			expect(status).toMatch(/^CapEff:\t0+$/m);
		}
	});

	it("finds nothing wrong with it", async () => {
		const { stdout, exitCode } = await user.clusteros("test", "lab", "--no-reboot", "--json");
		const { checks, ...totals } = JSON.parse(stdout);
		expect(checks.filter(({ status }: { status: string }) => status === "failed")).toEqual([]);
		expect(totals).toMatchObject({ passed: 8 * 2 + 11, failed: 0, skipped: 2 });
		expect(exitCode).toBe(0);
	});

	it("takes it down, and nothing is left", async () => {
		const during = await user.traces();
		expect(during.filter((trace) => trace.includes("qemu"))).not.toEqual([]);
		const { exitCode } = await user.clusteros("down", "lab");
		expect(exitCode).toBe(0);
		// Shared ssh connections end by themselves once their machine is gone.
		let left: string[] = [];
		await poll(
			async () => {
				left = await user.traces();
				return left.length === 0 || undefined;
			},
			{ timeout: 20_000, every: 200 },
		);
		expect(left).toEqual([]);
		const names = await readdir(join(user.home, "lab/.clusteros"));
		expect(names.filter((name) => /^(c1|n1|switch|state)/.test(name))).toEqual([]);
	});
});
