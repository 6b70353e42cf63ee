import type { SeedSecrets } from "../../core/contract/seed.ts";
import { type Agent, joinedOf } from "../agent.ts";
import { storeSecrets } from "../seed/adopt-seed.ts";
import { type Generations, generations, newest } from "../seed/keys.ts";
import { checkSecrets } from "../seed/read-seed.ts";
import type { Phase } from "./protocol.ts";

/**
 * One phase of a rotation, the same on every node before the next one starts: `accept` takes new keys beside the old ones,
 * which stay in use; `use` seals with the new ones and still opens with the old; `drop` forgets the old. Repeating a phase
 * changes nothing. Serf is restarted with its new keyring by `discover`, munge gets its key in `munge`; wg0 is not touched.
 */
export async function applySecrets(agent: Agent, phase: Phase, text: string): Promise<string> {
	const joined = joinedOf(agent);
	const secrets = checkSecrets(text, "the secrets given");
	const before = joined.ctx.secrets();
	if (secrets.cluster !== before.cluster) throw new Error("these secrets are of another cluster");
	const next = merged(before, secrets);
	const inUse = generationsAfter(phase, next, joined.inUse);
	// Generations first: secrets that come without them would be put to use at once after a power cut.
	joined.take(next, inUse);
	storeSecrets(agent.world, next);
	agent.demand = "discover";
	agent.wake();
	const words = Object.entries(inUse).map(([purpose, generation]) => `${purpose} ${generation}`);
	return `${agent.name} ${phase}: in use ${words.join(", ")}`;
}

/** What only the first seed brings stays: a rotation is about derived keys. */
function merged(before: SeedSecrets, given: SeedSecrets): SeedSecrets {
	return { ...before, keys: given.keys };
}

function generationsAfter(phase: Phase, secrets: SeedSecrets, inUse: Generations): Generations {
	if (phase !== "accept") {
		const wanted = newest(secrets);
		if (phase === "drop") refuseSeveral(secrets);
		return wanted;
	}
	const kept = generations(secrets, inUse);
	const lost = Object.entries(inUse).filter(([purpose, generation]) => kept[purpose as keyof Generations] !== generation);
	if (lost.length > 0) {
		const words = lost.map(([purpose, generation]) => `${purpose} ${generation}`).join(", ");
		throw new Error(`these secrets lack what is in use here (${words}): accept needs the old keys and the new ones`);
	}
	return kept;
}

function refuseSeveral({ keys }: SeedSecrets): void {
	const purposes = keys.map(({ purpose }) => purpose);
	if (new Set(purposes).size !== purposes.length) throw new Error("drop needs one key of each purpose: the newest");
}
