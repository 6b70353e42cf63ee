import { existsSync, readFileSync } from "node:fs";
import { ignoreMissing } from "../atomic-file.ts";
import { keepClock } from "../clock/keep-clock.ts";
import type { Context } from "../context.ts";
import { keepFile } from "../files.ts";
import type { Outcome } from "../machine.ts";
import { ensureActive, systemctl } from "../systemctl.ts";

const KEY_FILE = "/etc/munge/munge.key";
const UNIT = "munge.service";

/**
 * munge, which vouches for users between nodes, runs with the key in use; after a rotation this state comes again. No job is
 * lost then: SLURM's daemons ask munge anew for each credential, and the steps of running jobs need none. Here, since a
 * credential is refused by a node whose clock is minutes off, is also where a wrong clock is waited for. An image without munge
 * has nothing to do.
 * Transitions to: slurm.
 */
export async function munge(ctx: Context): Promise<Outcome> {
	const off = await keepClock(ctx);
	if (off) return off;
	if (!existsSync(`${ctx.world.root}/usr/sbin/munged`)) return { go: "slurm" };
	const found = ctx.key("munge");
	if (found === undefined) throw new Error("the seed has no munge key; make it again: clusteros seed");
	await useMungeKey(ctx, found.key);
	return { go: "slurm" };
}

async function useMungeKey({ world, cluster }: Context, key: Buffer): Promise<void> {
	const file = { path: KEY_FILE, content: key, mode: 0o400, owner: "munge:munge" };
	// Stopped before the key changes: killed at any point, the next run sees by the unit alone that it has to start it.
	const before = ignoreMissing(() => readFileSync(world.root + KEY_FILE));
	if (before === undefined || !before.equals(key)) await systemctl(world, "stop", [UNIT], cluster.slow);
	keepFile(world, file);
	await ensureActive(world, UNIT, cluster.slow);
	await prove(world, cluster.slow);
}

/** A credential is made and taken back: the daemon answers and its key is sound. */
async function prove(world: Context["world"], slow: number): Promise<void> {
	const timeout = 10_000 * slow;
	const { stdout } = await world.exec(["munge", "-n"], { timeout });
	await world.exec(["unmunge"], { input: stdout, timeout });
}
