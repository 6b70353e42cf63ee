import type { Context } from "../context.ts";
import { systemctl } from "../systemctl.ts";

/** Starts or restarts a daemon. @throws with what the daemon itself said last: systemd only knows that it failed. */
export async function startUnit({ world, cluster }: Context, verb: "start" | "restart", unit: string): Promise<void> {
	try {
		await systemctl(world, verb, [unit], cluster.slow);
	} catch (error) {
		const words = await lastWords(world, unit);
		throw new Error(`${unit} does not start: ${words ?? (error as Error).message}`, { cause: error });
	}
}

/** The last `fatal:` or `error:` line of a unit in the journal, without SLURM's marks. */
async function lastWords(world: Context["world"], unit: string): Promise<string | undefined> {
	const argv = ["journalctl", "--boot", "--unit", unit, "--lines", "20", "--output", "cat", "--no-pager"] as const;
	const { stdout } = await world.exec([...argv], { timeout: 60_000 }).catch(() => ({ stdout: "" }));
	const lines = stdout.trim().split("\n");
	const last = lines.findLast((line) => /\bfatal:/.test(line)) ?? lines.findLast((line) => /\berror:/i.test(line));
	return last?.replace(/^.*?\b(fatal|error): /i, "");
}
