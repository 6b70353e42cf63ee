import { readFileSync, rmSync } from "node:fs";
import { expect, it } from "vitest";
import { controller } from "../../../agent/slurm/controller.ts";
import { slurm } from "../../../agent/slurm/slurm.ts";
import { putFile, seedCluster } from "../seeds.ts";
import { fakeSlurm } from "./fake-slurm.ts";

const START = "systemctl restart --no-block slurmctld.service";
const CONF = "/etc/slurm/slurm.conf";

it("writes the configuration, starts slurmctld and is done when it answers", async () => {
	using node = fakeSlurm("c1");
	expect(await controller(node.ctx)).toBeUndefined();
	for (const file of ["slurm", "cgroup", "gres"]) {
		expect(readFileSync(`${node.world.root}/etc/slurm/${file}.conf`, "utf8")).toMatch(/^# Kept by clusteros-agent/);
	}
	expect(node.did()).toEqual([START]);
	node.ran.length = 0;
	expect(await controller(node.ctx)).toBeUndefined();
	expect(node.did()).toEqual([]);
});

it("waits while it does not answer", async () => {
	using node = fakeSlurm("c1");
	node.nodes = undefined;
	expect(await controller(node.ctx)).toEqual({ wait: "slurmctld to answer", seconds: 1 });
});

it("has a running one take its own configuration again when somebody changed it", async () => {
	using node = fakeSlurm("c1");
	await controller(node.ctx);
	const written = readFileSync(node.world.root + CONF, "utf8");
	node.ran.length = 0;
	putFile(node.world, CONF, "ClusterName=mine\n");
	expect(await controller(node.ctx)).toBeUndefined();
	expect(readFileSync(node.world.root + CONF, "utf8")).toBe(written);
	expect(node.did()).toEqual(["scontrol reconfigure"]);
});

it("tells when slurmctld refuses it, and tries again", async () => {
	using node = fakeSlurm("c1");
	await controller(node.ctx);
	putFile(node.world, CONF, "");
	node.answers.set("scontrol reconfigure", { code: 1, stderr: "slurm_reconfigure error: Invalid\n" });
	await expect(controller(node.ctx)).rejects.toThrow("slurmctld refuses its new configuration: slurm_reconfigure error: Invalid");
	await expect(controller(node.ctx)).rejects.toThrow("refuses");
});

it("a second controller has the configuration but runs no slurmctld", async () => {
	const nodes = [
		{ name: "c1", roles: ["controller" as const], mesh: "10.90.0.1" },
		{ name: "c2", roles: ["controller" as const], mesh: "10.90.0.2" },
	];
	using node = fakeSlurm("c2", seedCluster({ nodes, controllers: nodes.map(({ name }) => ({ name, key: "" })) }));
	expect(await slurm(node.ctx)).toEqual({ go: "k3s" });
	expect(readFileSync(node.world.root + CONF, "utf8")).toContain("SlurmctldHost=c1(10.90.0.1)");
	expect(node.ran).toEqual([]);
});

it("an image without SLURM has nothing to do", async () => {
	using node = fakeSlurm("c1");
	rmSync(`${node.world.root}/usr/sbin/slurmd`);
	expect(await slurm(node.ctx)).toEqual({ go: "k3s" });
	expect(node.ran).toEqual([]);
});
