import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readCluster, readSecrets } from "../../../agent/seed/read-seed.ts";
import { seedCluster as clusterSchema, seedSecrets as secretsSchema } from "../../../core/contract/seed.ts";
import { scratchNode } from "../scratch.ts";
import { putFile, seedCluster, seedSecrets } from "../seeds.ts";

const DIR = "/etc/clusteros";
const example = (name: string) => readFileSync(join(import.meta.dirname, `../../../core/contract/examples/${name}`), "utf8");

/** What reading `value` as the cluster's description says. */
function problemsOf(value: unknown): string {
	using node = scratchNode();
	putFile(node.world, `${DIR}/cluster.json`, typeof value === "string" ? value : JSON.stringify(value));
	try {
		readCluster(node.world, DIR);
		return "";
	} catch (error) {
		return (error as Error).message;
	}
}

describe("reading a seed by hand", () => {
	it("takes what the contract's schemas take", () => {
		using node = scratchNode();
		putFile(node.world, `${DIR}/cluster.json`, example("seed-cluster.json"));
		putFile(node.world, `${DIR}/secrets.json`, example("seed-secrets.json"));
		expect(readCluster(node.world, DIR)).toEqual(clusterSchema.parse(JSON.parse(example("seed-cluster.json"))));
		expect(readSecrets(node.world, DIR)).toEqual(secretsSchema.parse(JSON.parse(example("seed-secrets.json"))));
	});

	it("is undefined where there is none", () => {
		using node = scratchNode();
		expect(readCluster(node.world, DIR)).toBeUndefined();
		expect(readSecrets(node.world, DIR)).toBeUndefined();
	});

	it("takes all of k3s' parts, and no manifest whose name leads out of its folder", () => {
		using node = scratchNode();
		const manifest = (name: string) => ({ name, content: "kind: Pod" });
		const k3s = { server: true, token: "t", agent_token: "a", ca_cert: "c", ca_key: "k", manifests: [manifest("web.yaml")] };
		const put = (value: object) => putFile(node.world, `${DIR}/secrets.json`, JSON.stringify(seedSecrets([1], value)));
		put({ k3s });
		expect(readSecrets(node.world, DIR)!.k3s).toEqual(k3s);
		put({ k3s: { ...k3s, manifests: [manifest("../../etc/passwd")] } });
		expect(() => readSecrets(node.world, DIR)).toThrow("k3s.manifests[0].name: want a file's name");
	});

	it.each([
		["no mesh", { ...seedCluster(), mesh: undefined }, "mesh: want an object, found nothing"],
		[
			"a role that is none",
			{ ...seedCluster(), nodes: [{ name: "n1", roles: ["king"], mesh: "10.90.0.2" }] },
			"nodes[0].roles[0]: ",
		],
		[
			"a label that is no text",
			{ ...seedCluster(), nodes: [{ name: "n1", roles: ["worker"], mesh: "10.90.0.2", labels: { disk: 7 } }] },
			"nodes[0].labels.disk: want a text, found 7",
		],
		[
			"no share for k3s",
			{ ...seedCluster(), k3s: { config: "", registries: "", memory: 5, cpus: 1 } },
			"k3s.memory: want a text, found 5",
		],
		[
			"a number for a name",
			{ ...seedCluster(), nodes: [{ name: 7, roles: ["worker"], mesh: "1.2.3.4" }] },
			"nodes[0].name: want",
		],
		["no controller", { ...seedCluster(), controllers: [] }, "controllers: want a list of 1 or more"],
		["another version", { ...seedCluster(), version: 2 }, "version: want 1, found 2"],
		["half a file", JSON.stringify(seedCluster()).slice(0, 100), "not JSON"],
		["an empty file", "", "not JSON"],
	])("refuses %s by name, and says the fix; the schema does so as well", (_, value, words) => {
		expect(problemsOf(value)).toContain(`${DIR}/cluster.json: `);
		expect(problemsOf(value)).toContain(words);
		expect(problemsOf(value)).toContain("clusteros seed");
		if (typeof value !== "string") expect(clusterSchema.safeParse(JSON.parse(JSON.stringify(value))).success).toBe(false);
	});

	it("tells all problems at once", () => {
		expect(problemsOf({ ...seedCluster(), join: "never", slow: 0 })).toMatch(/join: want .*; slow: want/);
	});

	it("never shows a secret", () => {
		using node = scratchNode();
		const secret = "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IQ";
		const spoilt = [
			JSON.stringify({ ...seedSecrets(), keys: [{ purpose: "serf", generation: 1, key: `${secret}!` }] }),
			`{"a": ${secret}`,
		];
		for (const text of spoilt) {
			putFile(node.world, `${DIR}/secrets.json`, text);
			expect(() => readSecrets(node.world, DIR)).toThrow(/^(?!.*c2Vjcm).*secrets\.json: /);
		}
	});

	it("takes secrets that were taken out for none", () => {
		using node = scratchNode();
		const [first] = seedSecrets().keys;
		putFile(node.world, `${DIR}/secrets.json`, JSON.stringify({ ...seedSecrets(), keys: [{ ...first, key: "*".repeat(44) }] }));
		expect(readSecrets(node.world, DIR)).toBeUndefined();
	});
});
