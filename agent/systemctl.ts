import type { World } from "./world.ts";

/** Milliseconds a unit may take to start or stop before systemctl is given up; units have limits of their own. */
const UNIT_TIMEOUT = 100_000;

/** `systemctl VERB UNITS…`. @throws with systemd's words when it fails. `slow` is the seed's. */
export async function systemctl(world: World, verb: string, units: readonly string[], slow = 1): Promise<void> {
	await world.exec(["systemctl", verb, ...units], { timeout: UNIT_TIMEOUT * slow });
}

/** What `systemctl is-active` prints: active, activating, inactive, failed, … */
export async function unitState(world: World, unit: string): Promise<string> {
	// Exit codes 3 and 4: not active, no such unit (LSB, systemctl(1)).
	const { stdout } = await world.exec(["systemctl", "is-active", unit], { ok: [0, 1, 2, 3, 4] });
	return stdout.trim();
}

/** Starts a unit that is not active; one that is stays as it is. Returns whether it had to be started. */
export async function ensureActive(world: World, unit: string, slow = 1): Promise<boolean> {
	if ((await unitState(world, unit)) === "active") return false;
	await systemctl(world, "start", [unit], slow);
	return true;
}
