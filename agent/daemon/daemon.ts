import type { NodeFile } from "../../core/node/types.ts";
import { applyOnce, forgetApplied } from "../applied.ts";
import type { Context } from "../context.ts";
import { readText } from "../files.ts";
import type { Wait } from "../machine.ts";
import { hasDrifted, keepNodeFile } from "../node-file.ts";
import { systemctl } from "../systemctl.ts";
import type { World } from "../world.ts";
import { pace } from "./pace.ts";

/** A daemon of the cluster's and the files that it reads. */
export interface Daemon {
	/** Without `.service`. */
	readonly name: string;
	readonly files: readonly NodeFile[];
	/** Makes one that runs take changed files; it is restarted when left out. */
	readonly take?: (() => Promise<void>) | undefined;
	/** Why it does not come up, by its journal; `lately`: systemd has not had to start it again. */
	readonly tell: (journal: string, lately: boolean) => string | undefined;
	/** It does not end when it fails: its journal is asked while it starts, too. */
	readonly triesForEver?: boolean | undefined;
}

/**
 * Its files are there and it runs with them. Returns what it waits for: systemd is asked to start it but not waited for, so
 * that an order of an admin need not wait for a slurmd that hangs.
 */
export async function keepDaemon(
	ctx: Context,
	{ name, files, take, tell, triesForEver = false }: Daemon,
): Promise<Wait | undefined> {
	const { world } = ctx;
	const unit = `${name}.service`;
	// Forgotten before they change: killed in between, the next run has the daemon read them again.
	if (files.some((file) => hasDrifted(world, file))) forgetApplied(world, unit);
	for (const file of files) keepNodeFile(world, file);
	const before = await unitStatus(world, unit);
	const start = () => startDaemon(ctx, name);
	const settings = files.map(({ path, content }) => path + content);
	const applied = await applyOnce(world, unit, settings, before.active === "active" && take ? take : start);
	if (!applied && before.active === "active") return undefined;
	if (!applied && !BUSY.includes(before.active)) await start();
	const now = await unitStatus(world, unit);
	if (now.active === "active") return undefined;
	const words =
		triesForEver || now.restarts > 0 ? await lastWords(world, unit, (text) => tell(text, now.restarts === 0)) : undefined;
	// Its journal was read, by a program that takes its time.
	if (words === undefined) return { wait: `${name} to start`, seconds: triesForEver ? pace(ctx, 3) : 0.5 };
	return { wait: `${name} to start, which fails: ${words}`, seconds: 5 };
}

/** States of a unit in which something is under way already. */
const BUSY = ["activating", "deactivating", "reloading", "refreshing"];

/** Has systemd start a daemon, or start it again. */
export async function startDaemon({ world, cluster }: Context, name: string): Promise<void> {
	await systemctl(world, "restart", ["--no-block", `${name}.service`], cluster.slow);
}

/** Whether it runs since less than so many seconds, on metal: what it does after a start may still be on its way. */
export async function startedLately({ world, cluster }: Context, name: string, seconds: number): Promise<boolean> {
	const { since } = await unitStatus(world, `${name}.service`);
	const uptime = Number(readText(world, "/proc/uptime")?.split(" ")[0]);
	return uptime - since < seconds * cluster.slow;
}

/** Whether it runs, or something is under way with it. */
export async function isUnderWay({ world }: Context, name: string): Promise<boolean> {
	const { active } = await unitStatus(world, `${name}.service`);
	return active === "active" || BUSY.includes(active);
}

interface UnitStatus {
	/** As `systemctl is-active` has it. */
	readonly active: string;
	/** How often systemd has started it again by itself. */
	readonly restarts: number;
	/** Seconds of uptime at which it became active. */
	readonly since: number;
}

/** What systemd knows of a unit, in one question. */
async function unitStatus(world: World, unit: string): Promise<UnitStatus> {
	const properties = "--property=ActiveState,NRestarts,ActiveEnterTimestampMonotonic";
	const { stdout } = await world.exec(["systemctl", "show", properties, unit]);
	const values = new Map(stdout.split("\n").map((line) => [line.split("=")[0], line.split("=")[1]]));
	const since = Number(values.get("ActiveEnterTimestampMonotonic")) / 1e6;
	return { active: values.get("ActiveState") ?? "unknown", restarts: Number(values.get("NRestarts")), since };
}

/** What a unit complained of last: systemd only knows that it failed. */
async function lastWords(world: World, unit: string, find: (journal: string) => string | undefined): Promise<string | undefined> {
	const argv = ["journalctl", "--boot", "--unit", unit, "--lines", "60", "--output", "cat", "--no-pager"] as const;
	const { stdout } = await world.exec([...argv], { timeout: 60_000, ok: [0, 1] });
	return find(stdout);
}
