import type { Context, Peer } from "../../../agent/context.ts";
import type { SeedCluster } from "../../../core/contract/seed.ts";
import { viewOf } from "../../../core/node/members.ts";
import { type Scratch, scratchNode } from "../scratch.ts";
import { putFile, seedCluster, seedSecrets } from "../seeds.ts";

/** A node with systemd, munge and SLURM that do what they are told: what is asked of them is kept in `ran`. */
export interface FakeSlurm extends Scratch {
	readonly ctx: Context;
	/** ActiveState of each unit that is not inactive. */
	readonly units: Map<string, string>;
	/** Lines of `scontrol --oneliner show nodes`, by node; undefined: slurmctld does not answer. */
	nodes: Map<string, string> | undefined;
	/** Seconds of uptime; every unit became active at 100. */
	uptime(seconds: number): void;
	readonly peers: Peer[];
	generation: number;
	/** Answers of programs that come before those of this fake. */
	readonly answers: Map<string, { code?: number; stdout?: string; stderr?: string }>;
	/** Commands that were run, in one line each, but for those that only look. */
	did(): string[];
}

export const IDLE = "State=IDLE+DYNAMIC_NORM Weight=1";

export function fakeSlurm(name: string, cluster: SeedCluster = seedCluster()): FakeSlurm {
	const scratch = scratchNode({}, (argv) => answer(argv));
	const { world } = scratch;
	for (const program of ["munged", "slurmd", "slurmctld"]) putFile(world, `/usr/sbin/${program}`, "");
	putFile(world, "/etc/passwd", "munge:x:103:104::/:/\nslurm:x:64030:64030::/:/\n");
	putFile(world, "/etc/group", "munge:x:104:\nslurm:x:64030:\n");
	putFile(world, "/proc/uptime", "101.00 1.00\n");
	const self = cluster.nodes.find((node) => node.name === name)!;
	const peers: Peer[] = cluster.nodes
		.filter((node) => node !== self)
		.map((node) => ({ ...node, id: node.name, wg: "", endpoint: "", alive: true }));
	const fake: FakeSlurm = {
		...scratch,
		units: new Map(),
		nodes: new Map(),
		peers,
		generation: 1,
		answers: new Map(),
		uptime: (seconds) => putFile(world, "/proc/uptime", `${seconds} 1.00\n`),
		did: () => scratch.ran.map((argv) => argv.join(" ")).filter((line) => !LOOKS.test(line)),
		ctx: {
			world,
			cluster,
			self,
			identity: undefined as never,
			secrets: () => seedSecrets([1, 2]),
			key: (purpose) => ({ generation: fake.generation, key: Buffer.from(`${purpose} ${fake.generation}`) }),
			peers: () => peers,
			view: () => viewOf(cluster, self, peers),
		},
	};

	function answer(argv: readonly string[]) {
		const line = argv.join(" ");
		const given = fake.answers.get(line) ?? fake.answers.get(argv[0]!);
		if (given) return given;
		if (argv[0] === "systemctl") return systemctl(argv.slice(1));
		if (argv[0] === "scontrol") return scontrol(argv.slice(1));
		return undefined;
	}

	function systemctl([verb, ...rest]: readonly string[]) {
		const unit = rest.at(-1)!;
		const state = fake.units.get(unit) ?? "inactive";
		if (verb === "show") return `ActiveState=${state}\nNRestarts=0\nActiveEnterTimestampMonotonic=100000000\n`;
		if (verb === "is-active") return { stdout: `${state}\n`, code: state === "active" ? 0 : 3 };
		if (verb === "stop") fake.units.delete(unit);
		if (verb === "start" || verb === "restart") fake.units.set(unit, "active");
		return undefined;
	}

	function scontrol(words: readonly string[]) {
		if (fake.nodes === undefined) return { code: 1, stderr: "slurm_load_node error: Unable to contact slurm controller" };
		if (words[0] === "ping") return "Slurmctld(primary) at c1 is UP\n";
		if (words[1] !== "show") return undefined;
		const wanted = words[3];
		if (wanted === undefined) return [...fake.nodes.values()].join("\n");
		return fake.nodes.get(wanted) ?? { code: 1, stdout: `Node ${wanted} not found\n` };
	}

	return fake;
}

/** Looks of the agent that change nothing. */
const LOOKS = /^(systemctl (show|is-active)|scontrol (--oneliner show|ping))/;

/** A node as scontrol prints it. */
export function listed(name: string, state = IDLE, reason?: string): string {
	const why = reason === undefined ? "" : ` Reason=${reason} [slurm@2026-11-22T10:00:00]`;
	return `NodeName=${name} CoresPerSocket=1 CPUTot=1 RealMemory=967 ${state} Partitions=main${why} `;
}
