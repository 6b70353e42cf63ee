import type { Rule } from "./rule.ts";
import { twice } from "./twice.ts";

/** `minutes`, `m:s`, `h:m:s`, `d-h`, `d-h:m`, `d-h:m:s` (slurm.conf(5), MaxTime). */
const TIME = /^(UNLIMITED|INFINITE|\d+|\d+:\d+|\d+:\d+:\d+|\d+-\d+|\d+-\d+:\d+|\d+-\d+:\d+:\d+)$/;

/** Partitions. That their nodes exist is looked at where hostlists are taken apart. */
export const slurmRules: readonly Rule[] = [
	{
		name: "partition names are unique",
		check: ({ cluster }, place) =>
			twice(
				cluster.slurm.partition.map(({ name }, index) => ({ value: name, at: ["slurm", "partition", index, "name"] })),
				place,
				(name) => `a partition called "${name}"`,
				"give one of them another name",
			),
	},
	{
		name: "a partition is not called default or all",
		*check({ cluster }) {
			for (const [index, { name }] of cluster.slurm.partition.entries()) {
				if (name !== "default" && name !== "all") continue;
				const message = `"${name}" means something else to SLURM or here`;
				yield { at: ["slurm", "partition", index, "name"], message, fix: 'such as name = "main"' };
			}
		},
	},
	{
		name: "one partition at most is the default",
		*check({ cluster }) {
			const chosen = [...cluster.slurm.partition.entries()].filter(([, partition]) => partition.default);
			for (const [index, { name }] of chosen.slice(1)) {
				const message = `${name} is a second default partition: ${chosen[0]![1].name} is one already`;
				yield { at: ["slurm", "partition", index, "default"], message, fix: "leave default = true on one of them" };
			}
		},
	},
	{
		name: "time limits are SLURM's",
		*check({ cluster }) {
			for (const [index, { max_time }] of cluster.slurm.partition.entries()) {
				if (max_time === undefined || TIME.test(max_time)) continue;
				const fix = 'minutes, "hours:minutes:seconds", "days-hours" or "UNLIMITED", such as max_time = "1-00:00:00"';
				yield { at: ["slurm", "partition", index, "max_time"], message: `"${max_time}" is no time limit`, fix };
			}
		},
	},
	{
		name: "partitions have workers",
		*check({ nodes, partitions, cluster }) {
			const workers = new Set(nodes.filter(({ roles }) => roles.includes("worker")).map(({ name }) => name));
			for (const [index, partition] of cluster.slurm.partition.map((_, i) => [i, partitions[i]!] as const)) {
				const idle = partition.nodes === "all" ? [] : partition.nodes.filter((name) => !workers.has(name));
				const known = idle.filter((name) => nodes.some((node) => node.name === name));
				for (const name of known) {
					const message = `${name} runs no jobs: it is not a worker`;
					yield { at: ["slurm", "partition", index, "nodes"], message, fix: `add "worker" to the roles of ${name}` };
				}
			}
		},
	},
];
