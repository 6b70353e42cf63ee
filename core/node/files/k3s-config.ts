import { API_PORT, isK3sServer, k3sServers } from "../k3s-servers.ts";
import { kubeletReservation } from "../shares.ts";
import type { NodeFacts, NodeFile, NodeView } from "../types.ts";
import { k3sPatience } from "./k3s-patience.ts";
import { asFile, notice } from "./notice.ts";

/** k3s' folder, and its tokens in it. */
export const K3S = "/etc/rancher/k3s";
export const TOKEN_FILE = `${K3S}/token`;
export const AGENT_TOKEN_FILE = `${K3S}/agent-token`;

/** What upstream brings of its own, whose images come with the air-gap archive only. */
const ADD_ONS = ["coredns", "traefik", "servicelb", "local-storage", "metrics-server"];
const CONTROLLERS = ["disable-helm-controller", "disable-cloud-controller", "disable-network-policy"];

type Value = string | boolean | readonly string[];
type Settings = Readonly<Record<string, Value>>;

/** k3s' config.yaml, of which no part is secret. An agent refuses settings that only servers have (k3s v1.36). */
export function k3sConfig(view: NodeView, facts: NodeFacts): NodeFile {
	const settings = isK3sServer(view.cluster, view.self.name)
		? { ...nodeSettings(view, facts), ...serverSettings(view, facts) }
		: { server: `https://${k3sServers(view.cluster)[0]!.mesh}:${API_PORT}`, ...nodeSettings(view, facts) };
	const lines = Object.entries(settings).flatMap(([key, value]) => yaml(key, value));
	return { path: `${K3S}/config.yaml`, content: asFile([notice("[k3s] config"), ...lines]), mode: 0o644 };
}

/** What systemd gives a server's k3s besides. */
export function k3sEnvironment({ cluster }: NodeView): NodeFile {
	const { environment } = k3sPatience(cluster.slow);
	const lines = k3sServers(cluster).length > 1 ? environment : [];
	return { path: `${K3S}/server.env`, content: asFile([notice(), ...lines]), mode: 0o644 };
}

function nodeSettings(view: NodeView, { airgap }: NodeFacts): Settings {
	const { cluster, self } = view;
	const labels = cluster.nodes.find(({ name }) => name === self.name)?.labels ?? {};
	return {
		"node-name": self.name,
		"node-ip": self.mesh,
		"flannel-iface": "wg0",
		"token-file": TOKEN_FILE,
		// Not the stub at 127.0.0.53, by which CoreDNS would ask itself.
		"resolv-conf": "/run/systemd/resolve/resolv.conf",
		...(airgap ? {} : { "pause-image": "localhost/clusteros/pause:1" }),
		"node-label": Object.entries(labels).map(([key, value]) => `${key}=${value}`),
		"kubelet-arg": [...kubeletReservation(view), ...k3sPatience(cluster.slow).kubelet],
	};
}

function serverSettings({ cluster, self }: NodeView, { airgap }: NodeFacts): Settings {
	const { controllerManager, scheduler, apiserver, etcd } = k3sPatience(cluster.slow);
	const [first, ...others] = k3sServers(cluster);
	const joins = first!.name === self.name ? { "cluster-init": true } : { server: `https://${first!.mesh}:${API_PORT}` };
	return {
		"advertise-address": self.mesh,
		"tls-san": [self.name, self.mesh],
		"agent-token-file": AGENT_TOKEN_FILE,
		"write-kubeconfig-mode": "0600",
		...(airgap ? {} : { disable: ADD_ONS, ...Object.fromEntries(CONTROLLERS.map((name) => [name, true])) }),
		"kube-apiserver-arg": apiserver,
		"kube-controller-manager-arg": controllerManager,
		"kube-scheduler-arg": scheduler,
		...(others.length > 0 ? { ...joins, "etcd-arg": etcd } : {}),
	};
}

/** JSON's texts are YAML's as well; an empty list is left out. */
function yaml(key: string, value: Value): string[] {
	if (typeof value !== "object") return [`${key}: ${JSON.stringify(value)}`];
	return value.length === 0 ? [] : [`${key}:`, ...value.map((item) => `  - ${JSON.stringify(item)}`)];
}
