import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readCluster } from "../../../../cluster/describe/read.ts";
import { RULES } from "../../../../cluster/describe/rules.ts";
import { described, emptyFolder, FIVE, HEAD, lines, PUBLIC_KEY, problemsOf } from "./samples.ts";

describe("a description, normalised", () => {
	it("has every node with its mesh address, and the controllers", () => {
		const { nodes, controllers } = described(FIVE);
		expect(nodes.map(({ name, mesh, lan }) => [name, mesh, lan])).toEqual([
			["c1", "10.90.0.1", "dhcp"],
			["n1", "10.90.0.2", "dhcp"],
			["n2", "10.90.0.3", "dhcp"],
			["n3", "10.90.0.4", "dhcp"],
			["n4", "10.90.0.5", "dhcp"],
		]);
		expect(controllers).toEqual(["c1"]);
	});

	it("has a default partition, whatever the file says", () => {
		const partitions = (text: string) => described(FIVE + text).partitions;
		expect(partitions("")).toEqual([{ name: "main", nodes: "all", default: true }]);
		const two = '[[slurm.partition]]\nname = "cpu"\n[[slurm.partition]]\nname = "gpu"\nnodes = "n[3-4]"\n';
		expect(partitions(two)).toEqual([
			{ name: "cpu", nodes: "all", default: true },
			{ name: "gpu", nodes: ["n3", "n4"], default: false },
		]);
		expect(partitions(`${two}default = true\n`).map((one) => one.default)).toEqual([false, true]);
	});

	it("has the administrator first, named or not", () => {
		expect(described(FIVE).users).toEqual([{ name: "clusteros", uid: 1000, keys: [], sudo: true }]);
		const named = `[[user]]\nname = "ada"\nuid = 2000\n[[user]]\nname = "clusteros"\nuid = 1500\nkeys = ["${PUBLIC_KEY}"]\n`;
		expect(described(FIVE + named).users).toEqual([
			{ name: "clusteros", uid: 1500, keys: [PUBLIC_KEY], sudo: true },
			{ name: "ada", uid: 2000, keys: [], sudo: false },
		]);
	});
});

const node = (name: string, more = "") => `[[node]]\nname = "${name}"\nroles = ["controller"]\n${more}`;
const user = (name: string, uid: number, more = "") => `[[user]]\nname = "${name}"\nuid = ${uid}\n${more}`;
const partition = (name: string, more = "") => `[[slurm.partition]]\nname = "${name}"\n${more}`;
const mac = 'mac = "52:54:00:00:00:01"\n';
const lan = (address: string, n = 1) => `mac = "52:54:00:00:00:0${n}"\nlan = "${address}"\n`;

/** By the rule's name: what breaks it, and what is said. HEAD has five lines. */
const BROKEN: Readonly<Record<string, [text: string, ...said: string[]]>> = {
	"node names are unique": [HEAD + node("c1") + node("c[1-2]"), '10: a node called "c1" is there twice: also in line 7'],
	"node names fit host names": [HEAD + node("c1-"), '7: "c1-" cannot be a node\'s name'],
	"names made for unknown machines stay free": [
		HEAD + node("node-0a1b2c"),
		'7: "node-0a1b2c" is kept for unknown machines, which are called node-<first digits of their id>',
	],
	"there is a controller": [`${HEAD}[[node]]\nname = "n1"\nroles = ["worker"]\n`, "6: no node is a controller"],
	"MAC addresses are unique": [
		HEAD + node("c1", mac) + node("c2", mac),
		"13: mac 52:54:00:00:00:01 is there twice: also of c1 in line 9",
	],
	"serial numbers are unique": [
		HEAD + node("c1", 'serial = "A"\n') + node("c2", 'serial = "A"\n'),
		'13: serial "A" is there twice: also of c1 in line 9',
	],
	"serial numbers say something": [
		HEAD + node("c1", 'serial = " A"\n') + node("c2", 'serial = ""\n'),
		"9: serial has spaces around it",
		"13: serial is empty",
	],
	"what belongs to one machine is not in a hostlist": [
		HEAD + node("c[1-2]", 'serial = "A"\nreach = { via = "ssh", host = "192.0.2.1" }\n'),
		'9: serial belongs to one machine, but "c[1-2]" is 2',
		'10: reach belongs to one machine, but "c[1-2]" is 2',
	],
	"the mesh network is written by its first address": [
		HEAD.replace("10.90.0.0", "10.90.0.1") + node("c1"),
		"5: 10.90.0.1/16 is an address in a network",
	],
	"the mesh has room for the nodes": [
		HEAD.replace("/16", "/30") + node("c[1-3]"),
		"5: 10.90.0.0/30 has room for 1 known node(s) in its lower half, and 3 are described",
	],
	"mesh addresses are of the lower half": [
		HEAD + node("c1", 'mesh = "10.90.200.1"\n') + node("c2", 'mesh = "10.91.0.1"\n') + node("c3", 'mesh = "10.90.0.0"\n'),
		"9: 10.90.200.1 of c1 is in the half that is kept for unknown machines",
		"13: 10.91.0.1 of c2 is not an address of 10.90.0.0/16",
		"17: 10.90.0.0 of c3 is not an address of 10.90.0.0/16",
	],
	"mesh addresses are unique": [
		HEAD + node("c1", 'mesh = "10.90.0.7"\n') + node("c2", 'mesh = "10.90.0.7"\n'),
		"13: mesh address 10.90.0.7 is there twice: also of c1 in line 9",
	],
	"LAN addresses are unique": [
		HEAD + node("c1", lan("192.168.1.5/24")) + node("c2", lan("192.168.1.5/16", 2)),
		"15: LAN address 192.168.1.5 is there twice: also of c1 in line 10",
	],
	"a LAN address needs a MAC: it says which interface gets it": [
		HEAD + node("c1", 'lan = "192.168.1.5/24"\n'),
		"9: c1 has a fixed LAN address and no mac: nothing says which of its interfaces gets it",
	],
	"the mesh and the LAN do not overlap": [
		HEAD + node("c1", lan("10.90.7.5/24")),
		"10: the LAN of c1 (10.90.7.5/24) overlaps the mesh network 10.90.0.0/16",
	],
	"user names are unique": [
		HEAD + node("c1") + user("ada", 2000) + user("ada", 2001),
		'13: a user called "ada" is there twice: also in line 10',
	],
	"user names are not the system's": [HEAD + node("c1") + user("munge", 2000), '10: "munge" is an account of the system'],
	"user ids are unique": [
		HEAD + node("c1") + user("ada", 2000) + user("bob", 2000) + user("eve", 1000),
		"14: uid 2000 is there twice: also of ada in line 11",
		"17: uid 1000 belongs to clusteros, who administers every node",
	],
	"ssh keys are whole": [
		HEAD + node("c1") + user("ada", 2000, `keys = ["${PUBLIC_KEY}", "${PUBLIC_KEY.slice(0, 60)}", "hello"]\n`),
		"12: this ssh key is damaged: a part of it is missing",
		"12: this is no ssh public key: its line has a type, such as ssh-ed25519, and the key",
	],
	"partition names are unique": [
		HEAD + node("c1") + partition("a") + partition("a"),
		'12: a partition called "a" is there twice: also in line 10',
	],
	"a partition is not called default or all": [
		HEAD + node("c1") + partition("default"),
		'10: "default" means something else to SLURM or here',
	],
	"one partition at most is the default": [
		HEAD + node("c1") + partition("a", "default = true\n") + partition("b", "default = true\n"),
		"14: b is a second default partition: a is one already",
	],
	"time limits are SLURM's": [
		HEAD + node("c1") + partition("a", 'max_time = "1 day"\n') + partition("b", 'max_time = "1-00:00:00"\n'),
		'11: "1 day" is no time limit',
	],
	"partitions have workers": [HEAD + node("c1") + partition("a", 'nodes = "c1"\n'), "11: c1 runs no jobs: it is not a worker"],
	"labels are Kubernetes'": [
		HEAD +
			node("c1", 'labels = { disk = "ssd", "a b" = "x", "k8s.io/a" = "x", rack = "7/8", "topology.kubernetes.io/zone" = "a" }\n'),
		'9: "a b" cannot be a label',
		'9: "k8s.io/a" is kept for Kubernetes itself',
		'9: "7/8" cannot be the value of a label',
	],
	"what the agent decides is not set by the site": [
		`${HEAD}${node("c1")}[k3s]\nconfig = "# token: x\\nnode-ip: 192.0.2.1\\nkubelet-arg+: [v=2]\\n  server: x\\n'token' :\\nserver:x"\n`,
		'10: "node-ip" is the agent\'s to set: it follows from the cluster',
		'10: "token" is the agent\'s to set: it follows from the cluster',
	],
	"manifests are files beside cluster.toml that k3s takes": [
		`${HEAD}${node("c1")}[k3s]\nmanifests = ["a/web.yaml", "../b.yaml", "/c.yaml", "d.txt", "traefik.yaml"]\n`,
		'10: "../b.yaml" is not below the cluster\'s folder',
		'10: "/c.yaml" is not below the cluster\'s folder',
		'10: "d.txt" is none of .yaml, .yml and .json',
		'10: "traefik.yaml" has the name of a file of k3s\' own',
	],
	"manifests have names of their own": [
		`${HEAD}${node("c1")}[k3s]\nmanifests = ["a/web.yaml", "b/web.yaml"]\n`,
		"10: a manifest called web.yaml is there twice: also in line 10",
	],
	"k3s leaves something to SLURM, and SLURM to k3s": [
		`${HEAD}${node("c1")}[k3s]\nmemory = "0MiB"\ncpus = "100%"\n`,
		"10: 0MiB leaves nothing to one of the two",
		"11: 100% leaves nothing to one of the two",
	],
	"time servers are names or addresses": [
		`ntp = ["ntp.example.org", "a b\\nserver evil"]\n${HEAD}${node("c1")}`,
		'1: "a b\nserver evil" is neither a host name nor an address',
	],
	"the site's cloud-config is YAML with keys": [
		`${HEAD}${node("c1")}[cloud_init]\nuser_data = "- a\\n- b"\n`,
		"10: cloud-config is keys and values, such as: timezone: Europe/Berlin",
	],
};

describe("rules", () => {
	it("have an example each of what they refuse", () => {
		expect(Object.keys(BROKEN)).toEqual(RULES.map(({ name }) => name));
	});

	it.each(Object.entries(BROKEN))("%s", async (_name, [text, ...said]) => {
		const found = await problemsOf(() => described(text));
		expect(found.map(({ where, message }) => `${where?.line}: ${message}`)).toEqual(said);
		for (const { where, fix } of found) {
			expect(where).toMatchObject({ file: "lab/cluster.toml", column: expect.any(Number) });
			expect(fix).toBeTruthy();
		}
	});

	it("are all looked at, in the file's order, with what hostlists have to say", async () => {
		const text = `${HEAD}${node("n[3-1]")}${node("c1")}${user("root", 2000)}${partition("a", 'nodes = "c9"\n')}`;
		expect(await lines(() => described(text))).toEqual([
			expect.stringMatching(/^7: not a hostlist: "n\[3-1\]": "3-1" counts backwards$/),
			'13: "root" is an account of the system',
			'17: no node is called "c9"',
		]);
	});
});

describe("readCluster", () => {
	it("reads the file of a folder, named as the person sees it", async () => {
		const cwd = await emptyFolder();
		await mkdir(join(cwd, "lab"));
		await writeFile(join(cwd, "lab/cluster.toml"), FIVE);
		expect(await readCluster("lab", cwd)).toMatchObject({ dir: join(cwd, "lab"), file: "lab/cluster.toml" });
	});

	it("has nothing against the contract's example", async () => {
		const cwd = await emptyFolder();
		await copyFile(new URL("../../../../core/contract/examples/cluster.toml", import.meta.url), join(cwd, "cluster.toml"));
		await expect(readCluster(cwd)).resolves.toMatchObject({ controllers: ["c1"] });
	});

	it("reads its manifests, and says which cannot be read", async () => {
		const cwd = await emptyFolder();
		await mkdir(join(cwd, "apps"));
		await writeFile(join(cwd, "apps/web.yaml"), "kind: List\n");
		const text = `${FIVE}[k3s]\nmanifests = ["apps/web.yaml"]\n`;
		await writeFile(join(cwd, "cluster.toml"), text);
		expect((await readCluster(cwd)).manifests).toEqual([{ name: "web.yaml", content: "kind: List\n" }]);
		await writeFile(join(cwd, "cluster.toml"), text.replace('web.yaml"', 'web.yaml", "apps/gone.yaml"'));
		const [problem, ...others] = await problemsOf(() => readCluster(cwd));
		expect(problem).toMatchObject({ message: "apps/gone.yaml is not there", where: { line: 14 } });
		expect(others).toEqual([]);
	});

	it.each([
		[[257], "a0.yaml is larger than 256 KiB"],
		[[256, 256, 1], "the manifests are larger than 512 KiB together"],
	])("refuses manifests of %j KiB: a seed is small", async (sizes, said) => {
		const cwd = await emptyFolder();
		const names = sizes.map((_, index) => `a${index}.yaml`);
		await Promise.all(sizes.map((size, index) => writeFile(join(cwd, names[index]!), "#".repeat(size * 1024))));
		await writeFile(join(cwd, "cluster.toml"), `${FIVE}[k3s]\nmanifests = ${JSON.stringify(names)}\n`);
		const problems = await problemsOf(() => readCluster(cwd));
		expect(problems).toMatchObject([{ message: said, where: { line: 14 } }]);
		await writeFile(join(cwd, names[0]!), "");
		await expect(readCluster(cwd)).resolves.toMatchObject({ manifests: names.map((name) => ({ name })) });
	});

	it.each([
		["600MiB", 0.5],
		["2GiB", 1],
		["99.5%", "1%"],
	])("takes %j of the memory and %j of the processors for k3s", (memory, cpus) => {
		const text = `${FIVE}[k3s]\nmemory = ${JSON.stringify(memory)}\ncpus = ${JSON.stringify(cpus)}\n`;
		expect(described(text).cluster.k3s).toMatchObject({ memory, cpus });
	});

	it("takes k3s' settings verbatim, what our own parser of YAML would refuse, too", () => {
		const config = "kubelet-arg+: [v=2]\nkubelet-arg+: [max-pods=40]\n";
		const { k3s } = described(`${FIVE}[k3s]\nconfig = ${JSON.stringify(config)}\nregistries = "a: [b"\n`).cluster;
		expect(k3s).toMatchObject({ config, registries: "a: [b" });
	});

	it("says how to make one where there is none", async () => {
		const [problem] = await problemsOf(async () => readCluster("lab", await emptyFolder()));
		expect(problem).toMatchObject({
			message: expect.stringContaining("no cluster is described in lab"),
			fix: expect.stringContaining("clusteros init lab"),
		});
	});
});
