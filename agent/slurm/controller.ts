import { slurmConfiguration } from "../../core/node/files/node-files.ts";
import type { Context } from "../context.ts";
import { keepDaemon } from "../daemon/daemon.ts";
import type { Wait } from "../machine.ts";
import { accounting } from "./accounting.ts";
import { complaints } from "./complaints.ts";
import { controllerAnswers, scontrol } from "./scontrol.ts";

/** slurmctld runs with the configuration that lies there, and answers. Returns what it waits for. */
export async function controller(ctx: Context): Promise<Wait | undefined> {
	const files = slurmConfiguration(ctx.view());
	const daemon = { name: "slurmctld", files, take: () => reconfigure(ctx), tell: complaints };
	const wait = (await accounting(ctx)) ?? (await keepDaemon(ctx, daemon));
	if (wait) return wait;
	return (await controllerAnswers(ctx)) ? undefined : { wait: "slurmctld to answer", seconds: 1 };
}

/** It reads its files again and hands them to the nodes. */
async function reconfigure(ctx: Context): Promise<void> {
	const { code, stdout, stderr } = await scontrol(ctx, "reconfigure");
	if (code !== 0) throw new Error(`slurmctld refuses its new configuration: ${(stderr || stdout).trim()}`);
}
