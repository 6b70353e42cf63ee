import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { poll } from "../../core/deadline.ts";
import { patience } from "../../qemu/emulation.ts";
import { acceleration } from "../boot/accel.ts";
import { clusteros, mustClusteros } from "./clusteros.ts";

/** What has profiles of its own beside slurm: MPI over the mesh, and accounts of what has run. Two nodes, one image with both. */

const PROFILE = 'version = 1\nextends = ["slurm-mpi", "slurm-accounting"]\n';

let root: string;
let dir: string;
let slow: number;

beforeAll(async () => {
	root = await mkdtemp(join(tmpdir(), "clusteros-mpi-"));
	dir = join(root, "lab");
	const { accel } = await acceleration();
	slow = patience(1, accel) / 1000;
	await writeFile(join(root, "both.toml"), PROFILE);
	await mustClusteros("build", "--profile", join(root, "both.toml"), "--base", "debian-13", "--out", root);
	await mustClusteros("init", dir, "--nodes", "2");
	const file = join(dir, "cluster.toml");
	await writeFile(file, (await readFile(file, "utf8")).replace("accounting = false", "accounting = true"));
	await mustClusteros("up", dir, "--image", join(root, "both-latest.qcow2"));
});
afterAll(async () => {
	await clusteros("down", dir, "--now");
	await rm(root, { recursive: true, force: true });
});

async function asUser(...argv: readonly string[]): Promise<string> {
	const { stdout } = await mustClusteros("exec", dir, "c1", "--json", "--user", "user", "--", ...argv);
	return JSON.parse(stdout).nodes[0].stdout;
}

it("ranks on two nodes, started through PMIx, add up their numbers", async () => {
	await mustClusteros("cp", dir, join(import.meta.dirname, "mpi-hello.py"), "all:/tmp/mpi-hello.py");
	const said = await asUser("srun", "--mpi=pmix", "-N2", "--ntasks-per-node=1", "python3", "/tmp/mpi-hello.py");
	// Which of them is the first is SLURM's: dynamic nodes stand in the order in which they have come.
	const lines = said
		.trim()
		.split("\n")
		.map((line) => /^rank ([01]) of 2 on (c1|n1), sum 1$/.exec(line)?.slice(1) ?? line);
	expect(lines.map(([rank]) => rank).toSorted()).toEqual(["0", "1"]);
	expect(lines.map(([, node]) => node).toSorted()).toEqual(["c1", "n1"]);
});

it("a job that has ended stands in the accounts, with its owner, nodes and exit code", async () => {
	await asUser("sbatch", "-N2", "-o", "/dev/null", "--wrap", "exit 7");
	const find = async () => {
		const rows = (await asUser("sacct", "-nXP", "-o", "user,nnodes,state,exitcode")).trim().split("\n");
		return rows.includes("user|2|FAILED|7:0") || undefined;
	};
	expect(await poll(find, { timeout: 20_000 * slow, every: 1000 })).toBe(true);
});

it("has its database on the controller alone", async () => {
	const { stdout } = await clusteros("exec", dir, "all", "--json", "--", "systemctl", "is-active", "slurmdbd", "mariadb");
	const nodes: { name: string; stdout: string }[] = JSON.parse(stdout).nodes;
	const states = nodes.map((node) => [node.name, node.stdout.trim().split("\n")]);
	expect(Object.fromEntries(states)).toEqual({ c1: ["active", "active"], n1: ["inactive", "inactive"] });
});
