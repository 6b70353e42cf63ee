import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { keepClock } from "../../../agent/clock/keep-clock.ts";
import { putFile } from "../seeds.ts";
import { fakeSlurm } from "../slurm/fake-slurm.ts";

const FILE = "/etc/chrony/conf.d/50-clusteros.conf";
const RESTART = "systemctl restart chrony.service";

function node(name: string) {
	const fake = fakeSlurm(name);
	putFile(fake.world, "/usr/sbin/chronyd", "");
	return fake;
}

it("has chrony follow the controller, and restarts it once", async () => {
	using n1 = node("n1");
	const asked: string[] = [];
	const ask = async (address: string) => void asked.push(address);
	expect(await keepClock(n1.ctx, ask)).toBeUndefined();
	expect(asked).toEqual(["10.90.0.1"]);
	expect(readFileSync(n1.world.root + FILE, "utf8")).toContain("server 10.90.0.1 iburst");
	await keepClock(n1.ctx, ask);
	expect(n1.did()).toEqual([RESTART]);
});

it("restarts it again when somebody changed its file", async () => {
	using n1 = node("n1");
	await keepClock(n1.ctx, async () => undefined);
	putFile(n1.world, FILE, "pool example.org\n");
	await keepClock(n1.ctx, async () => undefined);
	expect(n1.did()).toEqual([RESTART, RESTART]);
});

it.each([
	[3600, "clock to agree with c1's: it is 3600 s behind"],
	[-3600, "clock to agree with c1's: it is 3600 s ahead"],
	[0.9, undefined],
	[-0.9, undefined],
])("when c1's clock is %d s ahead waits for: %s", async (ahead, wait) => {
	using n1 = node("n1");
	expect((await keepClock(n1.ctx, async () => ahead))?.wait).toBe(wait);
	expect(n1.did().includes("chronyc makestep")).toBe(wait !== undefined);
});

it("a controller asks nobody: it is the one who is asked", async () => {
	using c1 = node("c1");
	const ask = async () => expect.unreachable();
	expect(await keepClock(c1.ctx, ask)).toBeUndefined();
	expect(readFileSync(c1.world.root + FILE, "utf8")).toContain("local stratum 10");
});

it("an image without chrony is left alone", async () => {
	using fake = fakeSlurm("n1");
	expect(await keepClock(fake.ctx, async () => 3600)).toBeUndefined();
	expect(fake.ran).toEqual([]);
});
