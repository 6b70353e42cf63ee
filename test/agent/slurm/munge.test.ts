import { readFileSync, statSync } from "node:fs";
import { expect, it } from "vitest";
import { munge } from "../../../agent/slurm/munge.ts";
import { fakeSlurm } from "./fake-slurm.ts";

const KEY = "/etc/munge/munge.key";

it("writes the key that is in use for munge alone, starts munge and has it prove itself", async () => {
	using node = fakeSlurm("n1");
	node.answers.set("munge", { stdout: "MUNGE:credential:\n" });
	expect(await munge(node.ctx)).toEqual({ go: "slurm" });
	expect(readFileSync(node.world.root + KEY, "utf8")).toBe("munge 1");
	expect(statSync(node.world.root + KEY).mode & 0o777).toBe(0o400);
	expect(node.owners).toEqual([`${KEY} 103:104`]);
	expect(node.did()).toEqual(["systemctl stop munge.service", "systemctl start munge.service", "munge -n", "unmunge"]);
	expect(node.inputs.at(-1)).toBe("MUNGE:credential:\n");
});

it("leaves munge alone when nothing has changed", async () => {
	using node = fakeSlurm("n1");
	await munge(node.ctx);
	node.ran.length = 0;
	await munge(node.ctx);
	expect(node.did()).toEqual(["munge -n", "unmunge"]);
});

it("takes the key of a rotation, and nothing of SLURM is restarted", async () => {
	using node = fakeSlurm("n1");
	await munge(node.ctx);
	node.ran.length = 0;
	node.generation = 2;
	await munge(node.ctx);
	expect(readFileSync(node.world.root + KEY, "utf8")).toBe("munge 2");
	expect(node.did().filter((line) => line.startsWith("systemctl"))).toEqual([
		"systemctl stop munge.service",
		"systemctl start munge.service",
	]);
});

it("killed after the old daemon was stopped, the next run starts it with the new key", async () => {
	using node = fakeSlurm("n1");
	await munge(node.ctx);
	node.generation = 2;
	node.answers.set("systemctl start munge.service", { code: 1 });
	await expect(munge(node.ctx)).rejects.toThrow();
	node.answers.clear();
	node.ran.length = 0;
	await munge(node.ctx);
	expect(node.did()).toContain("systemctl start munge.service");
});

it("fails when munge does not take back what it made", async () => {
	using node = fakeSlurm("n1");
	node.answers.set("unmunge", { code: 7 });
	await expect(munge(node.ctx)).rejects.toThrow("unmunge");
});

it("says so when the seed has no key, and does nothing where there is no munge", async () => {
	using node = fakeSlurm("n1");
	const ctx = { ...node.ctx, key: () => undefined };
	await expect(munge(ctx)).rejects.toThrow("the seed has no munge key");
	using bare = fakeSlurm("n1");
	const { rmSync } = await import("node:fs");
	rmSync(`${bare.world.root}/usr/sbin/munged`);
	expect(await munge(bare.ctx)).toEqual({ go: "slurm" });
	expect(bare.ran).toEqual([]);
});
