import type { World } from "./world.ts";

/**
 * Tells systemd, through `systemd-notify`: Node.js has no datagram unix sockets. Needs NotifyAccess=all.
 * Does nothing outside of systemd.
 */
export async function notify(world: World, ...assignments: readonly string[]): Promise<void> {
	if (world.env.NOTIFY_SOCKET === undefined) return;
	// The seed that says how slow this machine is may not be read yet.
	await world.exec(["systemd-notify", ...assignments], { timeout: 60_000 });
}

/** Milliseconds between two pings: half of what systemd waits for; undefined when no watchdog is set for this process. */
export function watchdogPeriod(world: World): number | undefined {
	const { WATCHDOG_USEC, WATCHDOG_PID } = world.env;
	const microseconds = Number(WATCHDOG_USEC);
	if (!(microseconds > 0)) return undefined;
	if (WATCHDOG_PID !== undefined && WATCHDOG_PID !== String(world.pid)) return undefined;
	return microseconds / 2000;
}
