import type { Described, DescribedNode } from "../../cluster/describe/types.ts";
import type { ClusterState } from "../../core/contract/cluster-state.ts";
import { UserError } from "../../core/errors.ts";
import type { NodeInput } from "../../qemu/cluster/plan.ts";
import type { UpOptions } from "./up-options.ts";

interface Shape {
	readonly cpus: number;
	/** MiB. */
	readonly memory: number;
}

const PLAIN: Shape = { cpus: 1, memory: 1024 };
/** SLURM's controller, munge and the agent on one emulated processor make every other node wait. */
const FIRST_CONTROLLER: Shape = { cpus: 2, memory: 1024 };
/** k3s' server with its containerd takes 1 GB, and one of five nodes more than that later (docs/k3s.md). */
const K3S_SERVER: Shape = { cpus: 2, memory: 3072 };
const K3S_AGENT: Shape = { cpus: 1, memory: 1536 };

/** What is there already; of machines that run nobody can change memory and processors. */
export interface There {
	readonly before?: ClusterState | undefined;
	readonly running: boolean;
	/** Whether the image has k3s. */
	readonly k3s?: boolean | undefined;
}

/** The machines to run: nodes that are not metal, as many as asked for, and all that run already. @throws UserError when none is left. */
export function wantedNodes({ nodes, controllers }: Described, options: UpOptions, there: There): NodeInput[] {
	const { before, running, k3s = false } = there;
	const virtual = nodes.filter(({ reach }) => reach?.via !== "ssh");
	if (virtual.length === 0) {
		const fix = 'a node without `reach`, or with reach = { via = "qemu" }, is a virtual machine';
		throw new UserError("invalid", {
			message: "all nodes of cluster.toml are reached by ssh: there is no machine to start",
			fix,
		});
	}
	mustBeEnough(options.nodes, virtual.length);
	const known = new Map(before?.machines.map((machine) => [machine.name, machine]));
	return virtual
		.filter(({ name }, index) => options.nodes === undefined || index < options.nodes || known.has(name))
		.map((node) => {
			const machine = known.get(node.name);
			const asked = machine && running ? machine : options;
			return inputOf(node, { ...shapeOf(node, node.name === controllers[0], k3s), ...machine }, asked);
		});
}

function mustBeEnough(asked: number | undefined, there: number): void {
	if (asked === undefined || asked <= there) return;
	throw new UserError("usage", {
		message: `--nodes ${asked}: cluster.toml describes ${there}`,
		fix: 'add them to cluster.toml, such as: [[node]] name = "n[1-9]" roles = ["worker"]',
	});
}

/** What a node gets when nobody says otherwise. */
function shapeOf({ roles }: DescribedNode, isFirst: boolean, k3s: boolean): Shape {
	if (k3s) return roles.includes("controller") ? K3S_SERVER : K3S_AGENT;
	return isFirst ? FIRST_CONTROLLER : PLAIN;
}

function inputOf(
	{ name, mac, serial, reach }: DescribedNode,
	usual: Shape,
	{ cpus = usual.cpus, memory = usual.memory }: Pick<UpOptions, "cpus" | "memory">,
): NodeInput {
	const sshPort = reach?.via === "qemu" ? reach.port : undefined;
	return { name, cpus, memoryMiB: memory, lanMac: mac, serial, sshPort };
}

/** Machines that cluster.toml knows no longer. */
export function strayMachines({ nodes }: Described, before: ClusterState | undefined): string[] {
	const known = new Set(nodes.map(({ name }) => name));
	return (before?.machines ?? []).map(({ name }) => name).filter((name) => !known.has(name));
}
