import { readFileSync, rmSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { adoptSeed } from "../../../agent/seed/adopt-seed.ts";
import { scratchNode } from "../scratch.ts";
import { CLUSTER_ID, otherCluster, putFile, putSeed, seedCluster, seedSecrets } from "../seeds.ts";

describe("adoptSeed", () => {
	it("has nothing to take where there is no seed", () => {
		using node = scratchNode();
		expect(adoptSeed(node.world)).toBeUndefined();
	});

	it("takes the first seed, and keeps it readable for root alone", () => {
		using node = scratchNode();
		putSeed(node.world, seedCluster(), seedSecrets());
		expect(adoptSeed(node.world)).toEqual({ cluster: seedCluster(), secrets: seedSecrets(), notes: [] });
		for (const path of ["/etc/clusteros/secrets.json", "/var/lib/clusteros/seed/secrets.json"]) {
			expect(statSync(node.world.root + path).mode & 0o777).toBe(0o600);
		}
	});

	it("stays with its cluster when a seed of another one comes, aloud, and puts its own back", () => {
		using node = scratchNode();
		putSeed(node.world, seedCluster(), seedSecrets());
		adoptSeed(node.world);
		putSeed(node.world, otherCluster().cluster, otherCluster().secrets);
		const adopted = adoptSeed(node.world)!;
		expect(adopted.cluster.id).toBe(CLUSTER_ID);
		expect(adopted.notes[0]).toMatch(/^the seed of cluster elsewhere .* is ignored: this node belongs to 6f0c/);
		expect(JSON.parse(readFileSync(`${node.world.root}/etc/clusteros/cluster.json`, "utf8")).id).toBe(CLUSTER_ID);
		expect(adoptSeed(node.world)!.notes).toEqual([]);
	});

	it("takes a newer description with secrets that were taken out", () => {
		using node = scratchNode();
		putSeed(node.world, seedCluster(), seedSecrets());
		adoptSeed(node.world);
		const [first] = seedSecrets().keys;
		putSeed(node.world, seedCluster({ generation: 2 }), { ...seedSecrets(), keys: [{ ...first!, key: "*".repeat(44) }] });
		const adopted = adoptSeed(node.world)!;
		expect([adopted.cluster.generation, adopted.secrets]).toEqual([2, seedSecrets()]);
	});

	it("keeps rotated secrets when an older seed is applied again, aloud; and takes newer ones", () => {
		using node = scratchNode();
		putSeed(node.world, seedCluster(), seedSecrets([2]));
		adoptSeed(node.world);
		putSeed(node.world, seedCluster(), seedSecrets([1]));
		const adopted = adoptSeed(node.world)!;
		expect(adopted.secrets).toEqual(seedSecrets([2]));
		expect(adopted.notes[0]).toMatch(/older/);
		putSeed(node.world, seedCluster(), seedSecrets([3]));
		expect(adoptSeed(node.world)).toMatchObject({ secrets: seedSecrets([3]), notes: [] });
	});

	it("goes on with what it kept when the seed is gone", () => {
		using node = scratchNode();
		putSeed(node.world, seedCluster(), seedSecrets());
		adoptSeed(node.world);
		rmSync(`${node.world.root}/etc/clusteros`, { recursive: true });
		expect(adoptSeed(node.world)).toMatchObject({ cluster: seedCluster(), secrets: seedSecrets() });
	});

	it.each([
		["missing", undefined, /secrets\.json is missing; .*clusteros seed/],
		["another cluster's", otherCluster().secrets, /secrets\.json is of another cluster/],
	])("fails with words when the secrets are %s", (_, secrets, words) => {
		using node = scratchNode();
		putSeed(node.world, seedCluster(), secrets);
		expect(() => adoptSeed(node.world)).toThrow(words);
	});

	it("reads the seed anew where a power cut came before the cluster's id was written", () => {
		using node = scratchNode();
		putFile(node.world, "/var/lib/clusteros/seed/cluster.json", "{ half");
		putSeed(node.world, seedCluster(), seedSecrets());
		expect(adoptSeed(node.world)).toMatchObject({ cluster: seedCluster() });
	});
});
