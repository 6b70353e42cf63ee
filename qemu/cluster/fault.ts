import type { ClusterState } from "../../core/contract/cluster-state.ts";
import { UserError } from "../../core/errors.ts";
import { kill } from "../process.ts";
import type { StartedMachine } from "../started-machine.ts";
import { order } from "../switch/client.ts";
import type { CableOrder } from "../switch/orders.ts";
import { findRunning, machineNamed } from "./state.ts";

/** What can be done to a machine. Loss in percent, delay in milliseconds, each way; `heal` mends all three faults of the cable. */
export type Fault =
	| { readonly kind: "cut" | "heal" | "kill" | "reset" | "pause" | "resume" }
	| { readonly kind: "loss"; readonly percent: number }
	| { readonly kind: "delay"; readonly ms: number };

/** @throws UserError when there is no such machine, it does not run, or the switch refuses. */
export async function faultNode(state: ClusterState, node: string, fault: Fault): Promise<void> {
	const machine = machineNamed(state, node);
	switch (fault.kind) {
		case "cut":
		case "heal":
			return cable(state, { order: fault.kind, node });
		case "loss":
			return cable(state, { order: "loss", node, percent: fault.percent });
		case "delay":
			return cable(state, { order: "delay", node, ms: fault.ms });
	}
	const running = await findRunning(state, machine);
	if (!running) throw new UserError("failed", { message: `${node} does not run`, fix: "clusteros start" });
	return power(running, fault.kind);
}

async function power(machine: StartedMachine, kind: "kill" | "reset" | "pause" | "resume"): Promise<void> {
	if (kind === "kill") return kill(machine.pid);
	const command = { reset: "system_reset", pause: "stop", resume: "cont" }[kind];
	await machine.qmp((qmp) => qmp.execute(command));
}

async function cable(state: ClusterState, given: CableOrder): Promise<void> {
	const answer = await order(state.switch.control, given).catch((error: NodeJS.ErrnoException) => {
		if (error.code !== "ENOENT" && error.code !== "ECONNREFUSED") throw error;
		const fix = "`clusteros up` starts it again";
		throw new UserError("failed", { message: "the cluster's switch does not run", fix });
	});
	if (!answer.ok) throw new UserError("failed", { message: answer.error });
}
