import type { SeedCluster, SeedSecrets } from "../../core/contract/seed.ts";
import { keepFile, readText } from "../files.ts";
import { CLUSTER_ID, KEPT_SEED, SEED } from "../paths.ts";
import type { World } from "../world.ts";
import { readCluster, readSecrets, type Seed } from "./read-seed.ts";

export interface Adopted extends Seed {
	/** What was not taken from /etc/clusteros, and why: said aloud. */
	readonly notes: readonly string[];
}

/**
 * The seed this node goes by, kept in both its places from now on; undefined when it has none yet. Once a node has joined,
 * a seed of another cluster, an older one, or one without its secrets does not change that.
 * @throws when there is a seed that cannot be used.
 */
export function adoptSeed(world: World): Adopted | undefined {
	const joined = readText(world, CLUSTER_ID)?.trim();
	const kept = joined === undefined ? undefined : keptSeed(world);
	const given = readCluster(world, SEED);
	if (given === undefined) return kept && { ...apply(world, kept), notes: [`${SEED}/cluster.json was gone`] };
	if (joined !== undefined && given.id !== joined) return { ...stay(world, kept, joined), notes: [foreign(given, joined)] };
	const secrets = readSecrets(world, SEED);
	if (secrets !== undefined && secrets.cluster !== given.id) {
		throw new Error(`${SEED}/secrets.json is of another cluster than cluster.json; make the seed anew: clusteros seed`);
	}
	if (kept === undefined) {
		if (secrets === undefined) throw new Error(`${SEED}/secrets.json is missing; make the seed anew: clusteros seed`);
		return { ...apply(world, { cluster: given, secrets }), notes: [] };
	}
	if (secrets !== undefined && !isOlder(secrets, kept.secrets))
		return { ...apply(world, { cluster: given, secrets }), notes: [] };
	const notes = secrets === undefined ? [] : ["the seed's secrets are older than those in use: they are not taken"];
	return { ...apply(world, { cluster: given, secrets: kept.secrets }), notes };
}

/** Writes secrets that came another way than by a seed to both places. */
export function storeSecrets(world: World, secrets: SeedSecrets): void {
	const content = `${JSON.stringify(secrets, null, "\t")}\n`;
	for (const dir of [KEPT_SEED, SEED]) keepFile(world, { path: `${dir}/secrets.json`, content, mode: 0o600 });
}

function keptSeed(world: World): Seed | undefined {
	const cluster = readCluster(world, KEPT_SEED);
	const secrets = readSecrets(world, KEPT_SEED);
	return cluster && secrets && { cluster, secrets };
}

/** In an order that a power cut may end anywhere: the cluster's id comes last. */
function apply(world: World, seed: Seed): Seed {
	const content = `${JSON.stringify(seed.cluster, null, "\t")}\n`;
	keepFile(world, { path: `${KEPT_SEED}/cluster.json`, content, mode: 0o600 });
	keepFile(world, { path: `${SEED}/cluster.json`, content, mode: 0o644 });
	storeSecrets(world, seed.secrets);
	keepFile(world, { path: CLUSTER_ID, content: `${seed.cluster.id}\n`, mode: 0o644 });
	return seed;
}

function stay(world: World, kept: Seed | undefined, joined: string): Seed {
	if (kept === undefined) throw new Error(`this node belongs to cluster ${joined}, and its seed is lost; seed it again`);
	return apply(world, kept);
}

function foreign(given: SeedCluster, joined: string): string {
	return (
		`the seed of cluster ${given.name} (${given.id}) is ignored: this node belongs to ${joined}; ` +
		"to move it, install it anew, or empty /var/lib/clusteros and reboot"
	);
}

/** A purpose has a newer generation in `kept` than in `given`, and none the other way round. */
function isOlder(given: SeedSecrets, kept: SeedSecrets): boolean {
	const newest = (secrets: SeedSecrets, purpose: string) =>
		Math.max(0, ...secrets.keys.filter((one) => one.purpose === purpose).map((one) => one.generation));
	const differences = kept.keys.map(({ purpose }) => newest(given, purpose) - newest(kept, purpose));
	return differences.some((difference) => difference < 0) && !differences.some((difference) => difference > 0);
}
