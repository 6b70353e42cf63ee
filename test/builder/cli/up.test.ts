import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { faultOf } from "../../../builder/cli/fault-options.ts";
import { imageFor, rememberImage, withImage } from "../../../builder/cli/up-image.ts";
import { strayMachines, wantedNodes } from "../../../builder/cli/up-nodes.ts";
import { type UpOptions, upCommand } from "../../../builder/cli/up-options.ts";
import { changeLine, factsLine, notReadyLines, type Row, tableLines } from "../../../builder/cli/up-view.ts";
import { makePaint } from "../../../builder/ui/paint.ts";
import type { Described } from "../../../cluster/describe/types.ts";
import type { ClusterState } from "../../../core/contract/cluster-state.ts";
import { planCluster } from "../../../qemu/cluster/plan.ts";
import { clusterInput } from "../../qemu/cluster/inputs.ts";

const context = { signal: new AbortController().signal };
const paint = makePaint({}, {});

async function typed(...args: string[]): Promise<UpOptions> {
	const run = vi.fn(async () => {});
	const command = upCommand("clusteros", context, async () => run).exitOverride();
	await command.configureOutput({ outputError: () => {} }).parseAsync(["lab", ...args], { from: "user" });
	return (run.mock.calls as unknown as [string, UpOptions][])[0]![1];
}

describe("options", () => {
	it("have a value for every switch and list, and none for what was not asked", async () => {
		expect(await typed()).toEqual({ accel: "auto", publish: [], warm: false, json: false });
	});

	it("are read", async () => {
		const args = ["--nodes", "3", "--memory", "1.5GiB", "--cpus", "2", "--net", "nat", "--timeout", "60"];
		expect(await typed(...args)).toMatchObject({ nodes: 3, memory: 1536, cpus: 2, net: "nat", timeout: 60 });
		expect((await typed("--publish", "8080:c1:80", "--publish", "90:n1:91")).publish).toEqual([
			{ host: 8080, node: "c1", guest: 80 },
			{ host: 90, node: "n1", guest: 91 },
		]);
	});

	it.each([
		["--nodes", "0"],
		["--nodes", "118"],
		["--nodes", "two"],
		["--memory", "100MiB"],
		["--memory", "2"],
		["--publish", "80:c1"],
		["--publish", "0:c1:80"],
		["--publish", "80:c1:70000"],
		["--accel", "hax"],
		["--net", "bridge"],
		["--timeout", "-1"],
	])("refuse %s %s", async (...args) => {
		await expect(typed(...args)).rejects.toMatchObject({ code: "commander.invalidArgument" });
	});
});

describe("faults as typed", () => {
	it("are read", () => {
		expect(faultOf("cut", undefined)).toEqual({ kind: "cut" });
		expect(faultOf("loss", "12.5")).toEqual({ kind: "loss", percent: 12.5 });
		expect(faultOf("delay", "100")).toEqual({ kind: "delay", ms: 100 });
	});

	it.each([
		["explode", undefined, /no fault is called "explode"/],
		["loss", undefined, /loss takes percent from 0 to 100/],
		["loss", "101", /from 0 to 100/],
		["loss", "-1", /from 0 to 100/],
		["delay", "1s", /delay takes milliseconds/],
		["cut", "5", /cut takes no value/],
	])("refuse %s %s", (kind, value, words) => {
		expect(() => faultOf(kind, value)).toThrow(words);
	});
});

describe("the remembered image", () => {
	it("is the given one, else that of cluster.toml, below the cluster's folder", () => {
		expect(imageFor("/lab", "/x.qcow2", "y.qcow2")).toBe("/x.qcow2");
		expect(imageFor("/lab", undefined, "y.qcow2")).toBe("/lab/y.qcow2");
		expect(imageFor("/lab", undefined, "/z.qcow2")).toBe("/z.qcow2");
		expect(() => imageFor("/lab", undefined, undefined)).toThrow(/--image is missing/);
	});

	it.each([
		[
			"a new line below the name",
			'# lab\nname = "lab" # ours\n\n[mesh]\n',
			'# lab\nname = "lab" # ours\nimage = "/i"\n\n[mesh]\n',
		],
		["the line that is there, with its comment", 'image = "/old" # slow\nname = "x"\n', 'image = "/i" # slow\nname = "x"\n'],
		["single quotes", "image = '/old'\r\nname = 'x'\n", "image = \"/i\"\nname = 'x'\n"],
		["nobody else's image", 'name = "x"\n[other]\nimage = "no"\n', 'name = "x"\nimage = "/i"\n[other]\nimage = "no"\n'],
	])("is %s", (_, before, after) => {
		expect(withImage(before, "/i")).toBe(after);
		expect(withImage(after, "/i")).toBe(after);
	});

	it("is written with the file's mode, relative where it lies beside", async () => {
		const dir = await mkdtemp(join(tmpdir(), "image-"));
		try {
			const file = join(dir, "cluster.toml");
			await writeFile(file, 'name = "lab"\n', { mode: 0o640 });
			await rememberImage(dir, join(dir, "images/a.qcow2"));
			expect(await readFile(file, "utf8")).toBe('name = "lab"\nimage = "images/a.qcow2"\n');
			expect((await stat(file)).mode & 0o777).toBe(0o640);
			await rememberImage(dir, "/elsewhere/b.qcow2");
			expect(await readFile(file, "utf8")).toBe('name = "lab"\nimage = "/elsewhere/b.qcow2"\n');
		} finally {
			await rm(dir, { recursive: true });
		}
	});
});

describe("which machines", () => {
	const node = (name: string, more: object = {}) => ({ name, roles: ["worker"], lan: "dhcp", mesh: "10.90.0.1", ...more });
	const described = (...nodes: object[]) => ({ nodes, controllers: ["c1"] }) as unknown as Described;
	const lab = described(node("c1"), node("n1"), node("n2"));
	const none = { accel: "auto", publish: [], warm: false, json: false } as const;
	const names = (state: readonly { name: string }[]) => state.map(({ name }) => name);

	it("are all nodes, the first controller with two processors", () => {
		const wanted = wantedNodes(lab, none, { running: false });
		expect(wanted.map(({ name, cpus, memoryMiB }) => [name, cpus, memoryMiB])).toEqual([
			["c1", 2, 1024],
			["n1", 1, 1024],
			["n2", 1, 1024],
		]);
		expect(wantedNodes(lab, { ...none, cpus: 3, memory: 512 }, { running: false })[0]).toMatchObject({ cpus: 3, memoryMiB: 512 });
	});

	it("are larger with k3s, controllers more so, unless somebody says otherwise or they are there", () => {
		const controllers = described(
			node("c1", { roles: ["controller"] }),
			node("c2", { roles: ["controller", "worker"] }),
			node("n1"),
		);
		const shapes = (options: object = {}, there: object = {}) =>
			wantedNodes(controllers, { ...none, ...options }, { running: false, k3s: true, ...there }).map(({ cpus, memoryMiB }) => [
				cpus,
				memoryMiB,
			]);
		expect(shapes()).toEqual([
			[2, 3072],
			[2, 3072],
			[1, 1536],
		]);
		expect(shapes({ memory: 2048, cpus: 4 })).toEqual(Array(3).fill([4, 2048]));
		const before = planCluster(clusterInput({ nodes: [{ name: "n1", cpus: 3, memoryMiB: 700 }] }));
		expect(shapes({}, { before })[2]).toEqual([3, 700]);
	});

	it("are the first ones where asked to, and those that are there", () => {
		expect(names(wantedNodes(lab, { ...none, nodes: 2 }, { running: false }))).toEqual(["c1", "n1"]);
		const before = planCluster(clusterInput({ nodes: [{ name: "n2", cpus: 1, memoryMiB: 1 }] }));
		expect(names(wantedNodes(lab, { ...none, nodes: 1 }, { before, running: true }))).toEqual(["c1", "n2"]);
		expect(() => wantedNodes(lab, { ...none, nodes: 4 }, { running: false })).toThrow(/describes 3/);
	});

	it("keep their shape while they run, and change it when they do not", () => {
		const before = planCluster(clusterInput({ nodes: [{ name: "c1", cpus: 4, memoryMiB: 4096 }] }));
		const options = { ...none, memory: 2048 };
		expect(wantedNodes(lab, options, { before, running: true })[0]).toMatchObject({ cpus: 4, memoryMiB: 4096 });
		expect(wantedNodes(lab, options, { before, running: false })[0]).toMatchObject({ cpus: 4, memoryMiB: 2048 });
		expect(wantedNodes(lab, options, { before, running: true })[1]).toMatchObject({ cpus: 1, memoryMiB: 2048 });
	});

	it("leave metal alone", () => {
		const metal = { reach: { via: "ssh", host: "192.0.2.1", port: 22, user: "clusteros" } };
		const mixed = described(node("c1", metal), node("n1", { reach: { via: "qemu", port: 2222 } }));
		expect(wantedNodes(mixed, none, { running: false })).toMatchObject([{ name: "n1", sshPort: 2222 }]);
		expect(() => wantedNodes(described(node("c1", metal)), none, { running: false })).toThrow(/reached by ssh/);
	});

	it("that cluster.toml knows no longer are strays", () => {
		const before = planCluster(clusterInput());
		expect(strayMachines(described(node("c1")), before)).toEqual(["n1"]);
		expect(strayMachines(lab, before)).toEqual([]);
		expect(strayMachines(lab, undefined)).toEqual([]);
	});
});

describe("what a person sees", () => {
	const row = (changes: Partial<Row>): Row => {
		return { name: "n1", roles: ["worker"], state: "mesh", mesh: "10.90.0.2", reason: "", at: 12.4, ...changes };
	};

	it("is how machines run", () => {
		const state: ClusterState = planCluster(clusterInput());
		expect(factsLine(state, "no KVM")).toBe(
			"accel tcg (no KVM) · c1: 2 vCPU, 1.0 GiB · n1: 1 vCPU, 1.0 GiB · LAN 192.168.77.0/24",
		);
		const same = planCluster(clusterInput({ nodes: ["a", "b"].map((name) => ({ name, cpus: 1, memoryMiB: 1536 })), net: "nat" }));
		expect(factsLine(same, "x")).toContain("2 nodes × 1 vCPU, 1.5 GiB · LAN 192.168.77.0/24 · nodes reach");
	});

	it("is a table on a terminal", () => {
		const rows = [
			row({ name: "c1", roles: ["controller", "worker"], state: "ready", at: 58.2, reason: "2 peers" }),
			row({ state: "slurm", reason: "waiting: for c1 to list it" }),
		];
		expect(tableLines(rows, 61, paint)).toEqual([
			"node  roles              state  mesh       since",
			"c1    controller,worker  ready  10.90.0.2  58 s",
			"n1    worker             slurm  10.90.0.2  61 s   waiting: for c1 to list it",
		]);
	});

	it("is a line for each change elsewhere", () => {
		expect(changeLine(row({ reason: "waiting: x" }), paint)).toBe("n1  mesh  10.90.0.2  12 s  waiting: x");
		expect(changeLine(row({ state: "booting", mesh: "-" }), paint)).toBe("n1  booting  12 s");
	});

	it("is who is not ready, why, and its last words", () => {
		const rows = [row({ state: "ready" }), row({ name: "n2", state: "off" }), row({ name: "n3", reason: "waiting: y" })];
		expect(notReadyLines(rows, new Map([["n2", ["a", "b"]]]), paint)).toEqual([
			"n2  off  its machine has ended",
			"  | a",
			"  | b",
			"n3  mesh  waiting: y",
		]);
	});
});
