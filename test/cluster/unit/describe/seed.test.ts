import { describe, expect, it } from "vitest";
import { type SeedFor, type SeedOptions, seedFor } from "../../../../cluster/describe/seed.ts";
import { type SeedSecrets, seedCluster, seedSecrets } from "../../../../core/contract/seed.ts";
import { deriveKey } from "../../../../core/node/derive.ts";
import { described, FIVE, HEAD, ID, PUBLIC_KEY, problemsOf, SECRETS } from "./samples.ts";

const master = Buffer.from(SECRETS.master, "base64");
const TWO_HEADS = `${HEAD}[[node]]\nname = "c[1-2]"\nroles = ["controller"]\n[[node]]\nname = "n1"\nroles = ["worker"]\n`;

function seedOf(text: string, who: SeedFor, options: Partial<SeedOptions> = {}) {
	const seed = seedFor(described(text), SECRETS, who, { generation: 7, ...options });
	const file = (path: string) => JSON.parse(seed.files.find((one) => one.path === path)!.content);
	return {
		seed,
		cluster: seedCluster.parse(file("/etc/clusteros/cluster.json")),
		secrets: seedSecrets.parse(file("/etc/clusteros/secrets.json")),
	};
}

const purposes = ({ keys }: SeedSecrets) => keys.map(({ purpose }) => purpose);

describe("a worker's seed", () => {
	const { seed, cluster, secrets } = seedOf(FIVE, { node: "n2" });

	it("names its node, its cluster and its generation", () => {
		expect(seed).toMatchObject({ instanceId: `${ID}-n2-7`, hostname: "n2" });
		expect(cluster).toMatchObject({ id: ID, name: "lab", generation: 7, self: "n2", slow: 1, meet: [] });
		expect(cluster.nodes.map(({ name, mesh }) => `${name} ${mesh}`)).toContain("n2 10.90.0.3");
	});

	it("takes the patience that slow machines want from cluster.toml, unless it is told another", () => {
		const slow = FIVE.replace("version = 1\n", "version = 1\nslow = 8\n");
		expect(seedOf(slow, { node: "n2" }).cluster.slow).toBe(8);
		expect(seedOf(slow, { node: "n2" }, { slow: 2 }).cluster.slow).toBe(2);
	});

	it("holds derived keys of the generations in use, and none of a controller's", () => {
		expect(purposes(secrets)).toEqual(["serf", "munge", "announce"]);
		expect(secrets.keys[0]).toEqual({
			purpose: "serf",
			generation: 3,
			key: deriveKey(master, ID, "serf", 3).toString("base64"),
		});
		expect(secrets).not.toHaveProperty("identity");
		const text = JSON.stringify(seed);
		const dbd = deriveKey(master, ID, "dbd", 4).toString("base64");
		for (const secret of [SECRETS.master, dbd, ...SECRETS.controller.map(({ identity }) => identity)]) {
			expect(text).not.toContain(secret);
		}
		expect(text).not.toContain("PRIVATE KEY");
	});

	it("keeps its keys from everybody but root", () => {
		const modes = Object.fromEntries(seed.files.map(({ path, mode }) => [path, mode]));
		expect(modes).toEqual({ "/etc/clusteros/cluster.json": 0o644, "/etc/clusteros/secrets.json": 0o600 });
	});

	it("lets the cluster's own key in, and the administrator's", () => {
		const text = `${FIVE}[[user]]\nname = "clusteros"\nuid = 1000\nkeys = ["${PUBLIC_KEY}"]\n[[user]]\nname = "ada"\nuid = 2001\n`;
		const [admin, ada, ...others] = seedOf(text, { node: "n1" }).seed.users;
		expect(admin).toMatchObject({ name: "clusteros", uid: 1000, sudo: true });
		expect(admin!.keys).toEqual([expect.stringMatching(/^ssh-ed25519 \S+ admin@lab$/), PUBLIC_KEY]);
		expect(ada).toEqual({ name: "ada", uid: 2001, keys: [], sudo: false });
		expect(others).toEqual([]);
	});
});

describe("a controller's seed", () => {
	it("holds its own identity, and no other controller's", () => {
		const { secrets } = seedOf(TWO_HEADS, { node: "c2" });
		expect(purposes(secrets)).toEqual(["serf", "munge", "announce", "dbd"]);
		expect(secrets.identity).toBe(SECRETS.controller[1]!.identity);
		expect(JSON.stringify(secrets)).not.toContain(SECRETS.controller[0]!.identity);
	});
});

describe("k3s in a seed", () => {
	const k3s = {
		server_token: "s".repeat(64),
		agent_token: "a".repeat(64),
		ca_cert: "certificate\n",
		ca_key: "authority's key\n",
	};
	const withK3s = (text: string, node: string) => {
		const seed = seedFor(described(text), { ...SECRETS, k3s }, { node }, { generation: 7 });
		const [cluster, secrets] = seed.files.map(({ content }) => JSON.parse(content));
		return { text: JSON.stringify(seed), cluster: seedCluster.parse(cluster), secrets: seedSecrets.parse(secrets) };
	};
	const labelled = `${FIVE}labels = { disk = "ssd" }\n[k3s]\nconfig = "v: 2"\nmemory = "600MiB"\n`;

	it("is not there in a cluster that has no secrets for it: k3s stays off", () => {
		const { cluster, secrets } = seedOf(FIVE, { node: "c1" });
		expect(cluster).not.toHaveProperty("k3s");
		expect(secrets).not.toHaveProperty("k3s");
	});

	it("tells every node the site's settings and everybody's labels", () => {
		const { cluster } = withK3s(labelled, "n1");
		expect(cluster.k3s).toEqual({ config: "v: 2", registries: "", memory: "600MiB", cpus: "50%" });
		expect(cluster.nodes.map(({ name, labels }) => [name, labels])).toContainEqual(["n4", { disk: "ssd" }]);
		expect(cluster.nodes[0]).not.toHaveProperty("labels");
	});

	it("gives a worker an agent's token and nothing of a server's", () => {
		const { text, secrets } = withK3s(FIVE, "n1");
		expect(secrets.k3s).toEqual({ server: false, token: expect.stringMatching(/^K10[0-9a-f]{64}::node:a+$/) });
		for (const secret of [k3s.server_token, "authority"]) expect(text).not.toContain(secret);
		expect(withK3s(FIVE, "c1").secrets.k3s).toMatchObject({ server: true, ca_key: k3s.ca_key });
	});
});

describe("a seed for many", () => {
	it("has no name of its own; for workers it holds what a worker's does", () => {
		const { seed, cluster, secrets } = seedOf(TWO_HEADS, "workers");
		expect(seed).not.toHaveProperty("hostname");
		expect(cluster).not.toHaveProperty("self");
		expect(seed.instanceId).toBe(`${ID}-workers-7`);
		expect(secrets).toEqual(seedOf(TWO_HEADS, { node: "n1" }).secrets);
	});

	it("for the whole cluster holds the controller's keys as well", () => {
		expect(seedOf(FIVE, "all").secrets).toEqual(seedOf(FIVE, { node: "c1" }).secrets);
	});

	it("for a whole cluster with two controllers is refused: it would hold two identities", async () => {
		const [problem] = await problemsOf(() => seedOf(TWO_HEADS, "all"));
		expect(problem!.fix).toContain("--workers");
	});
});

describe("the network of a seed", () => {
	const fixed = `${HEAD}[[node]]\nname = "c1"\nroles = ["controller"]\nmac = "52:54:00:00:00:01"\nlan = "192.168.1.5/24"\n[[node]]\nname = "n1"\nroles = ["worker"]\n`;
	const management = { mac: "52:54:00:11:00:01", nat: false };

	it("is left to the image where the LAN is on DHCP", () => {
		expect(seedOf(FIVE, { node: "n1" }).seed).not.toHaveProperty("network");
	});

	it("gives a fixed address to the interface with the node's MAC, and others ask for it there", () => {
		const { seed, cluster } = seedOf(fixed, { node: "c1" });
		expect(seed.network!.ethernets).toEqual({
			"lan-c1": { match: { macaddress: "52:54:00:00:00:01" }, addresses: ["192.168.1.5/24"] },
		});
		expect(cluster.meet).toEqual(["192.168.1.5"]);
		expect(seedOf(fixed, { node: "n1" }).seed).not.toHaveProperty("network");
		expect(seedOf(fixed, "all").seed.network!.ethernets).toHaveProperty("lan-c1");
	});

	it("of a test cluster's machine takes nothing but an address from the management NIC", () => {
		const { seed, cluster } = seedOf(
			fixed,
			{ node: "c1" },
			{ nics: { management, lanMac: "52:54:00:22:00:01" }, meet: ["192.168.77.11"] },
		);
		expect(seed.network!.ethernets).toEqual({
			management: {
				match: { macaddress: management.mac },
				dhcp4: true,
				"dhcp4-overrides": { "use-routes": false, "use-dns": false, "use-ntp": false, "use-hostname": false },
				optional: true,
			},
		});
		expect(cluster.nodes[0]).toMatchObject({ name: "c1", mac: "52:54:00:22:00:01" });
		expect(cluster.meet).toEqual(["192.168.77.11"]);
	});

	it("of a machine with a way out goes that way", () => {
		const { network } = seedOf(FIVE, { node: "c1" }, { nics: { management: { ...management, nat: true } } }).seed;
		expect(network!.ethernets.management).toMatchObject({ "dhcp4-overrides": { "use-routes": true, "use-dns": true } });
	});
});

describe("seedFor", () => {
	it("names the node that was likely meant", async () => {
		expect(await problemsOf(() => seedOf(FIVE, { node: "n8" }))).toMatchObject([{ fix: 'did you mean "n1"?' }]);
		expect(await problemsOf(() => seedOf(FIVE, { node: "gandalf" }))).toMatchObject([{ fix: "its nodes are: c1,n[1-4]" }]);
	});

	it("carries the site's lines verbatim", () => {
		const awkward = `a: "b"\n{{ c }} 'd'\n`;
		const text = `${FIVE}[slurm]\nextra = ${JSON.stringify(awkward)}\n[cloud_init]\nuser_data = ${JSON.stringify('timezone: "{{UTC}}"\n')}\n`;
		const { seed, cluster } = seedOf(text, { node: "n1" });
		expect(cluster.slurm.extra).toBe(awkward);
		expect(seed.userData).toBe('timezone: "{{UTC}}"\n');
		expect(seedOf(FIVE, { node: "n1" }).seed).not.toHaveProperty("userData");
	});
});
