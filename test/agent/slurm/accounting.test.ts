import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { accounting } from "../../../agent/slurm/accounting.ts";
import { putFile, seedCluster } from "../seeds.ts";
import { fakeSlurm } from "./fake-slurm.ts";

const plain = seedCluster();
const cluster = { ...plain, slurm: { ...plain.slurm, accounting: true } };
const DATA = "/var/lib/mysql";
const answering = async () => true;

/** A node whose image has slurmdbd and MariaDB; `mariadb-install-db` makes one file. */
function controllerNode() {
	const node = fakeSlurm("c1", cluster);
	for (const program of ["slurmdbd", "mariadbd"]) putFile(node.world, `/usr/sbin/${program}`, "");
	mkdirSync(node.world.root + DATA, { recursive: true });
	const { exec } = node.world;
	const world = {
		...node.world,
		exec: (async (argv, options) => {
			if (argv[0] === "mariadb-install-db") mkdirSync(`${node.world.root}${DATA}.new/mysql`, { recursive: true });
			return exec(argv, options);
		}) as typeof exec,
	};
	return { ...node, ctx: { ...node.ctx, world } };
}

describe("accounting", () => {
	it("makes a database and its user, without a password, then starts slurmdbd", async () => {
		using node = controllerNode();
		expect(await accounting(node.ctx, answering)).toBeUndefined();
		expect(node.did().map((line) => line.split(" --")[0])).toEqual([
			"mariadb-install-db",
			"sync",
			"systemctl restart",
			"mariadb",
			"systemctl restart",
		]);
		expect(node.inputs.join("\n")).toContain("CREATE USER IF NOT EXISTS slurm@localhost IDENTIFIED VIA unix_socket;");
		expect(readdirSync(node.world.root + DATA)).toEqual(["mysql"]);
		expect(statSync(node.world.root + DATA).mode & 0o777).toBe(0o700);
		const conf = `${node.world.root}/etc/slurm/slurmdbd.conf`;
		expect(statSync(conf).mode & 0o777).toBe(0o600);
		expect(node.owners).toEqual(["/etc/slurm/slurmdbd.conf 64030:64030"]);
		expect(readFileSync(conf, "utf8")).not.toMatch(/pass/i);
	});

	it("does nothing the second time", async () => {
		using node = controllerNode();
		await accounting(node.ctx, answering);
		node.ran.length = 0;
		await accounting(node.ctx, answering);
		expect(node.did()).toEqual([]);
	});

	it("never touches a database that is there, and drops one that was only half made", async () => {
		using node = controllerNode();
		mkdirSync(`${node.world.root}${DATA}.new`);
		writeFileSync(`${node.world.root}${DATA}.new/half`, "");
		await accounting(node.ctx, answering);
		expect(existsSync(`${node.world.root}${DATA}/half`)).toBe(false);
		writeFileSync(`${node.world.root}${DATA}/mine`, "");
		await accounting(node.ctx, answering);
		expect(readdirSync(node.world.root + DATA).sort()).toEqual(["mine", "mysql"]);
	});

	it("waits until slurmdbd answers: slurmctld would not start without", async () => {
		using node = controllerNode();
		expect(await accounting(node.ctx, async () => false)).toEqual({ wait: "slurmdbd to answer", seconds: 1 });
	});

	it("says what an image without it lacks", async () => {
		using node = fakeSlurm("c1", cluster);
		await expect(accounting(node.ctx, answering)).rejects.toThrow("--profile slurm-accounting");
	});

	it("is nobody's business where cluster.toml does not ask for it", async () => {
		using node = fakeSlurm("c1");
		expect(await accounting(node.ctx, answering)).toBeUndefined();
		expect(node.ran).toEqual([]);
	});
});
