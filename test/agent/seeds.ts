import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { World } from "../../agent/world.ts";
import type { SeedCluster, SeedSecrets } from "../../core/contract/seed.ts";
import { rawPublicKey } from "../../core/node/keys.ts";

/** Seeds for tests: a controller c1, workers n1 and n2; keys are the same in every run. */

export const CLUSTER_ID = "6f0c1f2e-8f0a-4c5e-9a57-1f6f0a3d2b11";
const OTHER_ID = "00000000-8f0a-4c5e-9a57-1f6f0a3d2b11";

export const CONTROLLER: KeyObject = generateKeyPairSync("ed25519").privateKey;
const controllerKey = rawPublicKey(CONTROLLER).toString("base64");
export const CONTROLLER_IDENTITY = CONTROLLER.export({ format: "der", type: "pkcs8" }).toString("base64");

export function seedCluster(changes: Partial<SeedCluster> = {}): SeedCluster {
	return {
		version: 1,
		id: CLUSTER_ID,
		name: "lab",
		generation: 1,
		join: "open",
		mesh: { network: "10.90.0.0/16", port: 51820 },
		meet: ["192.168.77.11"],
		ntp: [],
		nodes: [
			{ name: "c1", roles: ["controller", "worker"], mesh: "10.90.0.1" },
			{ name: "n1", roles: ["worker"], mesh: "10.90.0.2" },
			{ name: "n2", roles: ["worker"], mesh: "10.90.0.3" },
		],
		controllers: [{ name: "c1", key: controllerKey }],
		slurm: {
			partitions: [{ name: "main", nodes: "all", default: true }],
			accounting: false,
			extra: "",
			cgroup: "",
			gres: "",
		},
		slow: 1,
		...changes,
	};
}

const PURPOSES = ["serf", "munge", "announce"] as const;

/** Secrets of the given generations: each key tells its purpose and generation apart. */
export function seedSecrets(generations: readonly number[] = [1], changes: Partial<SeedSecrets> = {}): SeedSecrets {
	const keys = PURPOSES.flatMap((purpose, i) =>
		generations.map((generation) => ({ purpose, generation, key: Buffer.alloc(32, 16 * i + generation).toString("base64") })),
	);
	return { version: 1, cluster: CLUSTER_ID, keys, ...changes };
}

export function otherCluster(): { cluster: SeedCluster; secrets: SeedSecrets } {
	return { cluster: seedCluster({ id: OTHER_ID, name: "elsewhere" }), secrets: seedSecrets([1], { cluster: OTHER_ID }) };
}

export function putFile(world: World, path: string, content: string, mode = 0o644): void {
	mkdirSync(dirname(world.root + path), { recursive: true });
	writeFileSync(world.root + path, content, { mode });
}

/** Puts a seed where cloud-init does. */
export function putSeed(world: World, cluster: SeedCluster, secrets?: SeedSecrets): void {
	putFile(world, "/etc/clusteros/cluster.json", JSON.stringify(cluster));
	if (secrets) putFile(world, "/etc/clusteros/secrets.json", JSON.stringify(secrets), 0o600);
}
