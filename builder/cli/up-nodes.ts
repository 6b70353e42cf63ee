import type { Described, DescribedNode } from "../../cluster/describe/types.ts";
import type { ClusterState } from "../../core/contract/cluster-state.ts";
import { UserError } from "../../core/errors.ts";
import type { NodeInput } from "../../qemu/cluster/plan.ts";
import type { UpOptions } from "./up-options.ts";

const MEMORY = 1024;
/** SLURM's controller, munge and the agent on one emulated processor make every other node wait. */
const FIRST_CONTROLLER_CPUS = 2;

/** What is there already; of machines that run nobody can change memory and processors. */
export interface There {
	readonly before?: ClusterState | undefined;
	readonly running: boolean;
}

/** The machines to run: nodes that are not metal, as many as asked for, and all that run already. @throws UserError when none is left. */
export function wantedNodes({ nodes, controllers }: Described, options: UpOptions, { before, running }: There): NodeInput[] {
	const virtual = nodes.filter(({ reach }) => reach?.via !== "ssh");
	if (virtual.length === 0) {
		const fix = 'a node without `reach`, or with reach = { via = "qemu" }, is a virtual machine';
		throw new UserError("invalid", {
			message: "all nodes of cluster.toml are reached by ssh: there is no machine to start",
			fix,
		});
	}
	mustBeEnough(options.nodes, virtual.length);
	const there = new Map(before?.machines.map((machine) => [machine.name, machine]));
	return virtual
		.filter(({ name }, index) => options.nodes === undefined || index < options.nodes || there.has(name))
		.map((node) => {
			const machine = there.get(node.name);
			const isFirst = node.name === controllers[0];
			return inputOf(node, isFirst, machine && running ? { cpus: machine.cpus, memory: machine.memory } : options, machine);
		});
}

function mustBeEnough(asked: number | undefined, there: number): void {
	if (asked === undefined || asked <= there) return;
	throw new UserError("usage", {
		message: `--nodes ${asked}: cluster.toml describes ${there}`,
		fix: 'add them to cluster.toml, such as: [[node]] name = "n[1-9]" roles = ["worker"]',
	});
}

function inputOf(
	{ name, mac, serial, reach }: DescribedNode,
	isFirst: boolean,
	options: Pick<UpOptions, "cpus" | "memory">,
	there: ClusterState["machines"][number] | undefined,
): NodeInput {
	return {
		name,
		cpus: options.cpus ?? there?.cpus ?? (isFirst ? FIRST_CONTROLLER_CPUS : 1),
		memoryMiB: options.memory ?? there?.memory ?? MEMORY,
		lanMac: mac,
		serial,
		sshPort: reach?.via === "qemu" ? reach.port : undefined,
	};
}

/** Machines that cluster.toml knows no longer. */
export function strayMachines({ nodes }: Described, before: ClusterState | undefined): string[] {
	const known = new Set(nodes.map(({ name }) => name));
	return (before?.machines ?? []).map(({ name }) => name).filter((name) => !known.has(name));
}
