import { applyOnce } from "../applied.ts";
import { keepFile, readText } from "../files.ts";
import { SERF_JSON, SERF_KEYRING } from "../paths.ts";
import { systemctl } from "../systemctl.ts";
import type { World } from "../world.ts";
import { keyringJson, rpcKeyOf, type SerfConfig, serfJson, withoutTags } from "./config.ts";

const UNIT = "clusteros-serf.service";

/** What Serf has to run with. */
export interface SerfService {
	readonly config: Omit<SerfConfig, "rpcKey">;
	/** The first encrypts, all decrypt. */
	readonly keys: readonly Uint8Array[];
	readonly rpcPort: number;
}

/**
 * Writes Serf's files and has it run with them; one that runs is restarted only for what it cannot take in while it runs.
 * A changed keyring comes by a restart, never by gossip under the old key. Returns whether it was restarted.
 */
export async function keepSerf(world: World, { config, keys, rpcPort }: SerfService, runs: boolean): Promise<boolean> {
	const rpcKey = serfRpcKey(world) ?? Buffer.from(world.random(24)).toString("hex");
	const text = serfJson({ ...config, rpcKey }, world.root + SERF_KEYRING, rpcPort);
	const keyring = keyringJson(keys);
	keepFile(world, { path: SERF_KEYRING, content: keyring, mode: 0o600 });
	keepFile(world, { path: SERF_JSON, content: text, mode: 0o600 });
	const restarted = await applyOnce(world, UNIT, [keyring, withoutTags(text)], () =>
		systemctl(world, "restart", [UNIT], config.slow),
	);
	if (!restarted && !runs) await systemctl(world, "start", [UNIT], config.slow);
	return restarted;
}

/** The key for Serf's RPC that its configuration has; undefined before there is one. */
export function serfRpcKey(world: World): string | undefined {
	return rpcKeyOf(readText(world, SERF_JSON));
}
