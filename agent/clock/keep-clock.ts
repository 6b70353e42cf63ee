import { existsSync } from "node:fs";
import { chronyFile } from "../../core/node/files/chrony.ts";
import { slurmController } from "../../core/node/files/slurm-controller.ts";
import { applyOnce, forgetApplied } from "../applied.ts";
import type { Context } from "../context.ts";
import type { Wait } from "../machine.ts";
import { hasDrifted, keepNodeFile } from "../node-file.ts";
import { systemctl } from "../systemctl.ts";
import { clockAhead } from "./sntp.ts";

const UNIT = "chrony.service";
/** Seconds that a worker's clock may be off: chrony steps beyond, and slews below. */
const TOLERATED = 1;

export type Ask = typeof clockAhead;

/**
 * Has chrony follow whom it should. Returns what to wait for when this node's clock is wrong: an hour at boot is put right
 * in seconds once the mesh leads to a controller. No answer is no reason to wait: slurmd needs that controller anyway.
 */
export async function keepClock(ctx: Context, ask: Ask = clockAhead): Promise<Wait | undefined> {
	const { world, cluster, self } = ctx;
	if (!existsSync(`${world.root}/usr/sbin/chronyd`)) return undefined;
	const file = chronyFile(ctx.view());
	if (hasDrifted(world, file)) forgetApplied(world, UNIT);
	keepNodeFile(world, file);
	await applyOnce(world, UNIT, [file.content], () => systemctl(world, "restart", [UNIT], cluster.slow));
	if (self.roles.includes("controller")) return undefined;
	const { mesh, name } = slurmController(cluster);
	const ahead = await ask(mesh, { timeout: 1000 * cluster.slow });
	if (ahead === undefined || Math.abs(ahead) < TOLERATED) return undefined;
	await stepNow(ctx);
	return {
		wait: `clock to agree with ${name}'s: it is ${Math.round(Math.abs(ahead))} s ${ahead > 0 ? "behind" : "ahead"}`,
		seconds: 2,
	};
}

/** chrony steps by itself, after its first four measurements; asked for more and told to, a little sooner. */
async function stepNow({ world, cluster }: Context): Promise<void> {
	const timeout = 10_000 * cluster.slow;
	await world.exec(["chronyc", "burst", "1/2"], { timeout, ok: [0, 1] });
	await world.exec(["chronyc", "makestep"], { timeout, ok: [0, 1] });
}
