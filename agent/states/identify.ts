import type { Agent } from "../agent.ts";
import { setHostName } from "../host-name.ts";
import { installIdentity, loadIdentity } from "../identity.ts";
import { Joined } from "../joined.ts";
import type { Outcome } from "../machine.ts";
import { loadWireguardKey } from "../mesh/wireguard-key.ts";
import { IDENTITY_KEY } from "../paths.ts";
import { adoptSeed } from "../seed/adopt-seed.ts";
import { findSelf, seededIdentity } from "../seed/find-self.ts";
import { scrubCopies } from "../seed/scrub.ts";
import { patientWorld } from "../world.ts";

/**
 * Who this node is: its entry in the seed, its keys, its name. The seed's secrets leave cloud-init's copies.
 * Transitions to: discover; booted, when the seed is gone.
 */
export async function identify(agent: Agent): Promise<Outcome> {
	const { world, boot, wake, say } = agent;
	const seed = adoptSeed(world);
	if (seed === undefined) return { go: "booted" };
	for (const note of seed.notes) say("warning", note);
	const entry = findSelf(world, seed.cluster);
	const given = entry && seededIdentity(entry, seed.cluster, seed.secrets);
	const path = world.root + IDENTITY_KEY;
	const identity = given === undefined ? loadIdentity(path, world.random) : installIdentity(path, given);
	agent.identity = identity;
	agent.joined?.gossip.stop();
	// For trying several nodes out on one machine.
	const rpcPort = Number(world.env.CLUSTEROS_SERF_RPC_PORT) || undefined;
	const patient = patientWorld(world, seed.cluster.slow);
	agent.joined = new Joined({
		world: patient,
		boot,
		seed,
		entry,
		identity,
		wireguard: loadWireguardKey(world),
		wake,
		say,
		rpcPort,
	});
	agent.name = agent.joined.self.name;
	setHostName(world, agent.name);
	scrubCopies(world, seed.secrets);
	return { go: "discover" };
}
