import type { SeedCluster } from "../../contract/seed.ts";
import type { NodeFile } from "../types.ts";
import { K3S } from "./k3s-config.ts";
import { asFile, notice, siteLines } from "./notice.ts";

type Site = NonNullable<SeedCluster["k3s"]>;

/**
 * The site's own settings: k3s takes them after ours, a key once more in place of ours, `key+` in addition. An agent does not
 * start with settings that only servers have: there they stand as comments.
 */
export function k3sSite({ config }: Site, isServer: boolean): NodeFile {
	const key = "[k3s] config";
	const lines = siteLines(key, isServer ? config : forAgents(config));
	return { path: `${K3S}/config.yaml.d/site.yaml`, content: asFile([notice(key), ...lines]), mode: 0o644 };
}

/** A key at the start of a line begins a setting, which goes on to the next one. */
function forAgents(config: string): string {
	let taken = true;
	return config
		.split("\n")
		.map((line) => {
			const key = /^(["']?)([A-Za-z][A-Za-z0-9-]*)\+?\1[ \t]*:(?=\s|$)/.exec(line)?.[2];
			if (key !== undefined) taken = AGENT_SETTINGS.has(key);
			return taken || line.trim() === "" ? line : `# for servers: ${line}`;
		})
		.join("\n");
}

/** As `k3s agent --help` has them (v1.36); of servers k3s takes unknown ones out by itself. */
const AGENT_SETTINGS: ReadonlySet<string> = new Set(
	`debug v vmodule log alsologtostderr with-node-id node-label node-taint image-credential-provider-bin-dir
	image-credential-provider-config selinux lb-server-port protect-kernel-defaults container-runtime-endpoint default-runtime
	image-service-endpoint pause-image snapshotter private-registry disable-default-registry-endpoint nonroot-devices bind-address
	node-external-ip node-internal-dns node-external-dns resolv-conf flannel-iface flannel-conf flannel-cni-conf kubelet-arg
	kube-proxy-arg enable-pprof rootless prefer-bundled-bin docker vpn-auth vpn-auth-file disable-apiserver-lb`.split(/\s+/),
);

/** Registries and mirrors; for root alone, like upstream's: some hold passwords. */
export function k3sRegistries({ registries }: Site): NodeFile {
	const key = "[k3s] registries";
	return { path: `${K3S}/registries.yaml`, content: asFile([notice(key), ...siteLines(key, registries)]), mode: 0o600 };
}
