import type { Purpose } from "../../core/contract/purposes.ts";
import type { SecretsFile } from "../../core/contract/secrets.ts";
import type { SeedSecrets } from "../../core/contract/seed.ts";
import { seedSecretsOf } from "../describe/seed.ts";
import type { Described, DescribedNode } from "../describe/types.ts";
import type { Phase, Rotation } from "./rotation-file.ts";

export type Generations = Rotation["from"];

/** The generations after those in use, for these purposes. */
export function nextGenerations(from: Generations, purposes: readonly Purpose[]): Generations {
	const next = { ...from };
	for (const purpose of purposes) next[purpose]++;
	return next;
}

/**
 * What a node is given for a phase: old and new keys while both are wanted, then the new ones alone. `inUse`: what the node
 * itself uses, which is older than `from` on a node that was off during a rotation before.
 */
export function secretsForPhase(
	described: Described,
	secrets: SecretsFile,
	node: DescribedNode,
	{ from, to }: Pick<Rotation, "from" | "to">,
	phase: Phase,
	inUse: Partial<Generations> = {},
): SeedSecrets {
	const made = (generation: Generations) => seedSecretsOf(described, { ...secrets, generation }, [node]);
	const fresh = made(to);
	if (phase === "drop") return fresh;
	const keys = [made({ ...from, ...inUse }), made(from), fresh].flatMap((each) => each.keys);
	const byName = new Map(keys.map((key) => [`${key.purpose}/${key.generation}`, key]));
	return { ...fresh, keys: [...byName.values()].sort((a, b) => a.generation - b.generation) };
}
