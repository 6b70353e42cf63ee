import { slurmFiles } from "../../core/node/files/node-files.ts";
import { applyOnce } from "../applied.ts";
import type { Context } from "../context.ts";
import { unitState } from "../systemctl.ts";
import { accounting } from "./accounting.ts";
import { controllerAnswers, scontrol } from "./scontrol.ts";
import { startUnit } from "./start-unit.ts";
import type { Wait } from "./wait.ts";

const UNIT = "slurmctld.service";

/** slurmctld runs with the configuration that lies there, and answers. Returns what it waits for. */
export async function controller(ctx: Context): Promise<Wait | undefined> {
	const wait = await accounting(ctx);
	if (wait) return wait;
	const settings = slurmFiles(ctx.view()).filter(({ path }) => path.startsWith("/etc/slurm/"));
	await applyOnce(
		ctx.world,
		UNIT,
		settings.map(({ content }) => content),
		() => take(ctx),
	);
	// Fallen and not to be started again by systemd: stopped by hand, perhaps.
	if ((await unitState(ctx.world, UNIT)) !== "active") await startUnit(ctx, "start", UNIT);
	return (await controllerAnswers(ctx)) ? undefined : { wait: "slurmctld to answer", seconds: 1 };
}

/** Started, it reads its files by itself; running, it is told, and tells the nodes. */
async function take(ctx: Context): Promise<void> {
	if ((await unitState(ctx.world, UNIT)) !== "active") return startUnit(ctx, "start", UNIT);
	const { code, stdout, stderr } = await scontrol(ctx, "reconfigure");
	if (code !== 0) throw new Error(`slurmctld refuses its new configuration: ${(stderr || stdout).trim()}`);
}
