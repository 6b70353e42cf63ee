import { describe, expect, it } from "vitest";
import type { SeedCluster } from "../../../../core/contract/seed.ts";
import { nodeFiles } from "../../../../core/node/files/node-files.ts";
import type { NodeFacts } from "../../../../core/node/types.ts";
import { busy, busyK3s, cluster, HYBRID, view, withK3s } from "./views.ts";

const AIRGAP = { ...HYBRID, airgap: true };
const CASES: readonly (readonly [which: string, of: SeedCluster, node: string, facts?: NodeFacts])[] = [
	["plain", cluster, "c1"],
	["plain", cluster, "c2"],
	["plain", cluster, "n1"],
	["busy", busy, "c1"],
	["busy", busy, "n1"],
	["k3s", withK3s, "c1", HYBRID],
	["k3s", withK3s, "c2", HYBRID],
	["k3s", withK3s, "n1", { ...HYBRID, cpus: 1, memoryMiB: 1500 }],
	["busy-k3s", busyK3s, "c1", AIRGAP],
	["busy-k3s", busyK3s, "n1", { ...AIRGAP, cpus: 8, threads: 2, memoryMiB: 16000 }],
];

/** `npx vitest run test/core/node/files -u` writes them again; read the difference before you commit it. */
describe.each(CASES.map(([which, of, name, facts]) => ({ which, of, name, facts })))("files of the $which cluster", (one) => {
	const { which, of, name, facts } = one;
	const files = nodeFiles(view(of, name, facts));

	it.each(files.map((file) => [file.path, file] as const))(`${name}: %s`, async (path, { content, mode, owner, block }) => {
		const head = `${mode.toString(8).padStart(4, "0")} ${owner ?? "root:root"}${block ? " block" : ""}`;
		await expect(`${head}\n${content}`).toMatchFileSnapshot(`./expected/${which}/${name}${path}`);
	});

	it(`${name} has nothing else`, () => {
		const { roles } = of.nodes.find((node) => node.name === name)!;
		const wanted = [
			"/etc/chrony/conf.d/50-clusteros.conf",
			...(roles.includes("worker") ? ["/etc/default/slurmd"] : []),
			"/etc/hosts",
			...(roles.includes("controller") ? ["cgroup", "gres", "slurm"].map((file) => `/etc/slurm/${file}.conf`) : []),
			...(of.slurm.accounting && name === "c1" ? ["/etc/slurm/slurmdbd.conf"] : []),
			...(facts && name === "c1" ? ["/etc/rancher/k3s/server.env"] : []),
			...(facts ? ["config.yaml", "config.yaml.d/site.yaml", "registries.yaml"].map((file) => `/etc/rancher/k3s/${file}`) : []),
		];
		expect(files.map(({ path }) => path).sort()).toEqual(wanted.sort());
	});
});

it("SLURM's configuration is the same on both controllers: nodes compare it by its digest", () => {
	const slurm = (name: string) => nodeFiles(view(cluster, name)).filter(({ path }) => path.startsWith("/etc/slurm/"));
	expect(slurm("c2")).toEqual(slurm("c1"));
});

it("no name of a node leads to a loopback address", () => {
	for (const name of ["c1", "n1"]) {
		const hosts = nodeFiles(view(cluster, name)).find(({ path }) => path === "/etc/hosts")!;
		expect(hosts.content.split("\n")).toContain(`${view(cluster, name).self.mesh} ${name}`);
		expect(hosts.content).not.toMatch(/\b127\.|::1/);
	}
});

it("a seed that lacks its own controller is refused", () => {
	const headless = { ...cluster, nodes: cluster.nodes.filter(({ name }) => name !== "c1") };
	expect(() => nodeFiles(view(headless, "n1"))).toThrow("the seed names c1 as controller but has no such node");
});
