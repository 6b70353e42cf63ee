import { SLURMCTLD_PORT, slurmController } from "../../core/node/files/slurm-controller.ts";
import { slurmdDefaults } from "../../core/node/files/slurmd-defaults.ts";
import type { Context } from "../context.ts";
import { keepDaemon, startDaemon, startedLately } from "../daemon/daemon.ts";
import { takesConnections } from "../daemon/reachable.ts";
import type { Wait } from "../machine.ts";
import { complaints } from "./complaints.ts";
import { isUsable, type ListedNode, listNodes } from "./scontrol.ts";

const DAEMON = "slurmd";
/** Seconds in which a slurmd that has just started makes itself known, on metal. */
const REGISTRATION = 5;

/** slurmd runs and the controller would give it work. Returns what it waits for. */
export async function worker(ctx: Context, answers = takesConnections): Promise<Wait | undefined> {
	const { name, mesh } = slurmController(ctx.cluster);
	// slurmd asks for its configuration first, and hangs without an answer.
	if (!(await answers(mesh, SLURMCTLD_PORT, 2000 * ctx.cluster.slow))) return { wait: `${name} to answer`, seconds: 2 };
	const wait = await keepDaemon(ctx, { name: DAEMON, files: [slurmdDefaults(ctx.view())], tell: complaints });
	if (wait) return wait;
	const listed = await listNodes(ctx, ctx.self.name);
	if (listed?.[0] && isUsable(listed[0])) return undefined;
	if (listed?.length === 0) await registerAgain(ctx);
	return { wait: reason(name, ctx.self.name, listed), seconds: 2 };
}

function reason(controller: string, self: string, listed: readonly ListedNode[] | undefined): string {
	if (listed === undefined) return `${controller} to answer`;
	const [node] = listed;
	if (node === undefined) return `${controller} to list ${self}`;
	return `${controller} to use ${self}: it is ${node.state.join(" ")}${node.reason ? `, "${node.reason}"` : ""}`;
}

/**
 * A controller that has lost its state does not know its dynamic nodes, and they only make themselves known when they start
 * (SLURM 24.11). Returns whether slurmd was restarted: not right after its start, when its registration is on its way.
 */
export async function registerAgain(ctx: Context): Promise<boolean> {
	if (await startedLately(ctx, DAEMON, REGISTRATION)) return false;
	await startDaemon(ctx, DAEMON);
	return true;
}
