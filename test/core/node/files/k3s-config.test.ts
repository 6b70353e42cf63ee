import { readFileSync } from "node:fs";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import { k3sConfig, k3sEnvironment } from "../../../../core/node/files/k3s-config.ts";
import { k3sPatience } from "../../../../core/node/files/k3s-patience.ts";
import { k3sFiles } from "../../../../core/node/files/node-files.ts";
import { busyK3s, cluster, HYBRID, view, withK3s } from "./views.ts";

const config = (of: typeof cluster, name: string, facts = HYBRID) =>
	load(k3sConfig(view(of, name, facts), facts).content) as object;

describe("k3s' configuration", () => {
	it("of a server and of an agent is YAML, all of it over the mesh", () => {
		expect(config(withK3s, "c1")).toMatchObject({
			"node-name": "c1",
			"node-ip": "10.90.0.1",
			"advertise-address": "10.90.0.1",
			"flannel-iface": "wg0",
			"write-kubeconfig-mode": "0600",
			"disable-cloud-controller": true,
		});
		expect(config(withK3s, "n1")).toMatchObject({ server: "https://10.90.0.1:6443", "node-ip": "10.90.0.2" });
		expect(config(withK3s, "n1")).not.toHaveProperty("disable");
	});

	it("needs no registry, unless k3s' own images are in the image", () => {
		const here = ["pause-image", "disable", "disable-helm-controller"];
		for (const key of here) expect(config(withK3s, "c1")).toHaveProperty(key);
		for (const key of here) expect(config(withK3s, "c1", { ...HYBRID, airgap: true })).not.toHaveProperty(key);
	});

	it("loosens nothing on metal, and names each wait but once", () => {
		expect(Object.values(k3sPatience(1)).flat()).toEqual([]);
		expect(JSON.stringify(config(withK3s, "c1"))).not.toMatch(/lease|period|timeout|"kube-[^r]/);
		expect(config(busyK3s, "c1")).toMatchObject({ "etcd-arg": ["heartbeat-interval=4000", "election-timeout=40000"] });
		expect(config({ ...withK3s, slow: 8 }, "c1")).not.toHaveProperty("etcd-arg");
		const environmentOf = (of: typeof cluster) =>
			k3sEnvironment(view(of, "c1", HYBRID))
				.content.split("\n")
				.slice(1, -1);
		expect(environmentOf(busyK3s)).toEqual([
			"CATTLE_ELECTION_LEASE_DURATION=360s",
			"CATTLE_ELECTION_RENEW_DEADLINE=240s",
			"CATTLE_ELECTION_RETRY_PERIOD=16s",
		]);
		expect(environmentOf({ ...busyK3s, slow: 1 })).toEqual([]);
		expect(environmentOf({ ...withK3s, slow: 8 })).toEqual([]);
		expect(k3sPatience(100).etcd).toContain("election-timeout=50000");
	});

	it("is none without k3s in the image, or without secrets for it", () => {
		expect(k3sFiles(view(withK3s, "c1", { ...HYBRID, k3s: false }))).toEqual([]);
		expect(k3sFiles(view(withK3s, "c1"))).toEqual([]);
		expect(k3sFiles(view(cluster, "c1", HYBRID))).toEqual([]);
	});

	it("keeps from agents what of the site's settings is for servers: k3s agent would not start with them", () => {
		const site =
			"kubelet-arg+:\n  - v=2\ntls-san+:\n- a\n- b\n\nflannel-backend: vxlan # ours\n'node-taint':\n  - x=y:NoSchedule\n";
		const of = { ...withK3s, k3s: { ...withK3s.k3s!, config: site } };
		const siteOf = (name: string) => k3sFiles(view(of, name, HYBRID)).find(({ path }) => path.endsWith("/site.yaml"))!.content;
		expect(siteOf("c1")).toContain(site.trimEnd());
		expect(load(siteOf("n1"))).toEqual({ "kubelet-arg+": ["v=2"], "node-taint": ["x=y:NoSchedule"] });
		expect(siteOf("n1")).toContain("# for servers: - b\n");
	});

	it("has no secret in what everybody may read", () => {
		const secrets = readFileSync(new URL("../../../../core/contract/examples/seed-secrets.json", import.meta.url), "utf8");
		const { token } = JSON.parse(secrets).k3s;
		for (const { content } of k3sFiles(view(busyK3s, "c1", HYBRID))) expect(content).not.toContain(token);
	});
});
