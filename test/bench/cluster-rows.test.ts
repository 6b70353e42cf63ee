import { expect, test } from "vitest";
import type { Bench } from "./bench.ts";
import type { ClusterRuns, Round } from "./cluster.ts";
import type { Sample } from "./measure.ts";
import { kept, type Result } from "./result.ts";
import { agentCpu } from "./rows/agent-cpu.ts";
import { agentMemory } from "./rows/agent-memory.ts";
import { idle } from "./rows/idle.ts";
import { up } from "./rows/up.ts";
import { warm } from "./rows/warm.ts";
import { markdown } from "./table.ts";

const sample = (seconds: number): Sample => ({ seconds, cpu: seconds, others: 0, load: 0 });

/** Two nodes, of which c1 needs more of everything; `own` is what its agent used. */
function round(cold: number, own: number): Round {
	return {
		cold: sample(cold),
		agents: [
			{ node: "c1", own, children: 3, rss: 70e6, peak: 79e6 },
			{ node: "n1", own: 0.5, children: 1, rss: 60e6, peak: 61e6 },
		],
		idle: [
			{ node: "c1", cores: 0.06 },
			{ node: "n1", cores: 0.02 },
		],
		hellos: [
			{ node: "c1", seconds: [0.5, 0.5, 4] },
			{ node: "n1", seconds: [0.25, 0.25, 0.25] },
		],
		warm: sample(cold / 10),
	};
}

function bench(runs: Partial<ClusterRuns> = {}): Bench {
	const rounds = [round(120, 1.5), round(140, 2.5), round(130, 2)];
	const bare = [sample(100), sample(90), sample(100)];
	return { options: { nodes: 2 }, clusters: async () => ({ accel: "tcg", rounds, bare, ...runs }) } as unknown as Bench;
}

test("a cluster is compared with as many bare machines, by the middle of all rounds", async () => {
	const { verdicts, sides } = await up.run(bench());
	expect(verdicts).toEqual([
		{ target: "≤ 1.5 × 2 bare VMs to the login prompt", measured: "1.30 × 2 bare VMs to the login prompt", met: true },
	]);
	expect(Object.keys(sides)).toEqual(["2 nodes", "2 bare VMs"]);
	expect((await up.run(bench({ bare: [sample(80)] }))).verdicts[0]?.met).toBe(false);
});

test("resuming is compared with the cold start of the same run and has no target", async () => {
	expect((await warm.run(bench())).verdicts).toEqual([{ measured: "0.10 × the cold start" }]);
});

test("of the agents the one that comes off worst counts", async () => {
	expect((await agentMemory.run(bench())).verdicts).toEqual([{ target: "≤ 80 MB RSS", measured: "70 MB RSS", met: true }]);
	const [cpu] = (await agentCpu.run(bench())).verdicts;
	expect(cpu).toMatchObject({ measured: "4.0 × a Node hello-world in the same guest", met: true });
	const [over] = (await agentCpu.run(bench({ rounds: [round(1, 2.1)] }))).verdicts;
	expect(over?.met).toBe(false);
});

test("a quiet node is a worker; the controller is told beside it", async () => {
	const { verdicts, notes } = await idle.run(bench());
	expect(verdicts).toEqual([{ measured: "0.020 host cores" }]);
	expect(notes[0]).toContain("the controller 0.060");
});

test("all of it in one table, and what has no target is neither met nor missed", async () => {
	const all = [up, warm, agentMemory, agentCpu, idle];
	const rows = await Promise.all(all.map(async (row) => kept(row.id, row.title, await row.run(bench()))));
	const machine = { cores: 2, memoryGiB: 24, arch: "x64", kernel: "6.12", distribution: "Debian GNU/Linux 13" };
	const facts = { version: 1, part: "cluster", date: "2026-11-22", quick: false, repeat: 3, machine, versions: {} } as const;
	const table = markdown({ ...facts, rows } satisfies Result);
	expect(table).toContain("| from `up` to a job on all nodes done | 2 nodes 130.0 s, 2 bare VMs 100.0 s | 1.30 × 2 bare VMs");
	expect(table).toContain("| a quiet node |  | 0.020 host cores |  |  |");
});
